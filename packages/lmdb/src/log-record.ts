import { Buffer } from "node:buffer";
import type { HistoryBounds, Outcome } from "@sluice/core";

/** What is stored of a channel beside its entries. */
export interface LogRecord {
  /** Names its count, in the ids of its entries. */
  readonly nonce: string;
  /** Where its entries are stored; 0 for a channel of which nothing is stored yet. */
  readonly number: number;
  /** The count of the first entry that is still stored, though it may not belong to the history. */
  readonly stored: number;
  /** The count of the first entry of the history, as far as its age has been looked at. */
  readonly first: number;
  /** The count that the next entry gets. */
  readonly end: number;
  /** The bytes of all texts that ever were. */
  readonly sum: number;
  /** When it was last known to be in use, by the wall clock; it never goes back. No entry is newer. */
  readonly at: number;
  /** How much of the history is kept; each publication says it anew. */
  readonly bounds: HistoryBounds;
  /** How the channel has been ended; undefined while it goes on. */
  readonly ended: Outcome | undefined;
}

const NOTHING: HistoryBounds = { count: 0, age: 0, bytes: 0 };

const NONCE_BYTES = 8;
const NUMBERS = 9;
const ENDED = NONCE_BYTES + NUMBERS * 8;

/** The place of an outcome is what is stored for it. */
const OUTCOMES: readonly (Outcome | undefined)[] = [undefined, "done", "failed", "cancelled"];

export function newRecord(nonce: string): LogRecord {
  return {
    nonce,
    number: 0,
    stored: 1,
    first: 1,
    end: 1,
    sum: 0,
    at: 0,
    bounds: NOTHING,
    ended: undefined,
  };
}

export function encodeRecord(record: LogRecord): Buffer {
  const bytes = Buffer.allocUnsafe(ENDED + 1);
  bytes.write(record.nonce, 0, NONCE_BYTES, "latin1");
  const { count, age, bytes: size } = record.bounds;
  const { number, stored, first, end, sum, at } = record;
  let offset = NONCE_BYTES;
  for (const value of [number, stored, first, end, sum, at, count, age, size]) {
    offset = bytes.writeDoubleBE(value, offset);
  }
  bytes[ENDED] = OUTCOMES.indexOf(record.ended);
  return bytes;
}

export function decodeRecord(bytes: Buffer): LogRecord {
  const number = (index: number): number => bytes.readDoubleBE(NONCE_BYTES + index * 8);
  return {
    nonce: bytes.toString("latin1", 0, NONCE_BYTES),
    number: number(0),
    stored: number(1),
    first: number(2),
    end: number(3),
    sum: number(4),
    at: number(5),
    bounds: { count: number(6), age: number(7), bytes: number(8) },
    ended: OUTCOMES[bytes[ENDED]!],
  };
}
