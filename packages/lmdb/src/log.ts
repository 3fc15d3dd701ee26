import {
  type Entry,
  type Follower,
  formatCountedId,
  newNonce,
  type Page,
  parseCountedId,
} from "@sluice/core";
import { firstKept } from "./first-kept.js";
import { entryKey } from "./keys.js";
import { type LogRecord, newRecord } from "./log-record.js";
import type { Store } from "./store.js";
import { decodeEntry, textBytes } from "./stored-entry.js";

/** Somebody who follows a channel. The same follower may do so twice. */
export interface Subscription {
  readonly follower: Follower;
}

/** One channel: what was committed of it, and who follows it. */
export class Log {
  readonly channel: string;
  readonly subscriptions = new Set<Subscription>();
  /** How many publications and commits it is part of, which have not come to their end. */
  pending = 0;
  /** The first entry that is left when the commit that is on its way succeeds. */
  firstToBe = 0;
  record: LogRecord;
  readonly #store: Store;

  constructor(channel: string, store: Store, record = newRecord(newNonce())) {
    this.channel = channel;
    this.#store = store;
    this.record = record;
  }

  get isUsed(): boolean {
    return this.subscriptions.size > 0 || this.pending > 0;
  }

  /** The id of the newest entry, or the cursor before the first. */
  get position(): string {
    return this.id(this.record.end - 1);
  }

  id(count: number): string {
    return formatCountedId(this.record.nonce, count);
  }

  /** An entry as it is stored, in a buffer that is another one's from the next call on. */
  entryAt(count: number): Buffer | undefined {
    return this.#store.peek(entryKey(this.record.number, count));
  }

  read(after: string, through: string | undefined, bytes: number): Page {
    const cursor = parseCountedId(after);
    if (cursor === undefined) return { refused: "malformed" };
    const last = this.record.end - 1;
    if (cursor.nonce !== this.record.nonce || cursor.count > last) return { refused: "unknown" };
    const end = through === undefined ? last : Math.min(countOf(through), last);
    if (cursor.count > end) return { refused: "ahead" };
    if (cursor.count + 1 < this.#first()) return { refused: "trimmed" };
    const entries: Entry[] = [];
    let taken = 0;
    for (let count = cursor.count + 1; count <= end; count++) {
      if (taken >= bytes && entries.length > 0) break;
      const entry = this.entryAt(count);
      if (entry === undefined) return { refused: "trimmed" };
      entries.push(decodeEntry(this.id(count), entry));
      taken += textBytes(entry);
    }
    return { entries };
  }

  rewind(count: number, from: string): string {
    return this.id(Math.max(this.#first() - 1, countOf(from) - count));
  }

  /** The count of the first entry of the history, now. */
  #first(): number {
    const first = firstKept(this.record, Date.now(), (count) => this.entryAt(count));
    return Math.max(first, this.firstToBe);
  }
}

/** The count of a cursor of this broker. */
function countOf(cursor: string): number {
  return parseCountedId(cursor)?.count ?? 0;
}
