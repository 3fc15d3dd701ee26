import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { SluiceError } from "@sluice/core";

/*
 * One ordered space of keys: what concerns the whole (1), the record of each channel by its name (2),
 * the entries by the number of their channel and their count (3), the newest run of each key by a digest
 * of that (4).
 */
const WHOLE = 1;
const RECORD = 2;
const ENTRY = 3;
const RUN = 4;

/** Numbers and counts take 48 bits. */
const NUMBER_BYTES = 6;

/** The longest name, in bytes: LMDB's keys end at 1,978. */
const MAX_NAME_BYTES = 1_900;

export const FORMAT_KEY = Buffer.from([WHOLE, 0]);
export const NEXT_NUMBER_KEY = Buffer.from([WHOLE, 1]);
/** The records lie between these two. */
export const RECORDS_START = Buffer.from([RECORD]);
export const RECORDS_END = Buffer.from([ENTRY]);
/** The runs lie between these two. */
export const RUNS_START = Buffer.from([RUN]);
export const RUNS_END = Buffer.from([RUN + 1]);

/** @throws SluiceError `ERR_CHANNEL` */
export function recordKey(channel: string): Buffer {
  const key = Buffer.allocUnsafe(1 + Buffer.byteLength(channel));
  if (key.length > MAX_NAME_BYTES || !channel.isWellFormed()) {
    throw new SluiceError(
      "ERR_CHANNEL",
      `A channel's name must be a well-formed text of less than ${MAX_NAME_BYTES} bytes, not of ${key.length - 1}.`,
    );
  }
  key[0] = RECORD;
  key.write(channel, 1);
  return key;
}

export function channelOf(recordKey: Buffer): string {
  return recordKey.toString("utf8", 1);
}

export function entryKey(number: number, count: number): Buffer {
  const key = Buffer.allocUnsafe(1 + 2 * NUMBER_BYTES);
  key[0] = ENTRY;
  key.writeUIntBE(number, 1, NUMBER_BYTES);
  key.writeUIntBE(count, 1 + NUMBER_BYTES, NUMBER_BYTES);
  return key;
}

/** Where the newest run of a key is stored: keys may be of any length, and hold anything. */
export function placeOfRun(key: string): string {
  return createHash("sha256").update(key, "utf16le").digest("base64");
}

export function runKey(place: string): Buffer {
  return Buffer.concat([RUNS_START, Buffer.from(place, "base64")]);
}

export function placeOfKey(runKey: Buffer): string {
  return runKey.toString("base64", 1);
}
