import type { Buffer } from "node:buffer";
import { type Entry, outcomeOfEnd, type Publication } from "@sluice/core";
import { firstKept } from "./first-kept.js";
import { entryKey, recordKey } from "./keys.js";
import { encodeRecord, type LogRecord } from "./log-record.js";
import type { Log, Subscription } from "./log.js";
import type { Change } from "./store.js";
import { encodeEntry, textBytes } from "./stored-entry.js";

/** How many entries are removed at most when nothing is added. */
const REMOVALS = 64;

/** What a commit does to one channel. Until it succeeds, the channel is as it was. */
export class Draft {
  readonly log: Log;
  record: LogRecord;
  /** Who follows when the commit has succeeded, and hears of it. */
  audience: readonly Subscription[] = [];
  readonly #appended: Buffer[] = [];
  /** The count of the first that is appended. */
  readonly #from: number;
  #removed: readonly number[] = [];

  /** @param number - where the entries are stored, if the channel has no number yet */
  constructor(log: Log, number: () => number) {
    this.log = log;
    this.record = log.record.number === 0 ? { ...log.record, number: number() } : log.record;
    this.#from = log.record.end;
  }

  append({ kind, text, history }: Publication): Entry {
    const { end, sum, at } = this.record;
    // A clock that is set back makes entries older than they are, but never out of order.
    const now = Math.max(Date.now(), at);
    const stored = encodeEntry(kind, text, now, sum);
    this.#appended.push(stored);
    this.record = {
      ...this.record,
      end: end + 1,
      sum: sum + textBytes(stored),
      at: now,
      bounds: history,
      ended: kind === "end" ? outcomeOfEnd(text) : undefined,
    };
    return { id: this.log.id(end), kind, text };
  }

  /** Notes that the channel is in use. */
  touch(): void {
    this.record = { ...this.record, at: Math.max(Date.now(), this.record.at) };
  }

  /**
   * Takes what exceeds the bounds out of the history, and removes a part of what has left it: twice as
   * much as is added, so that nothing heaps up, and no more, so that a publication never takes long.
   *
   * @param removals - how many may be removed beyond that
   */
  trim(removals = REMOVALS): void {
    const first = firstKept(this.record, Date.now(), (count) => this.#entryAt(count));
    const { stored } = this.record;
    const until = Math.min(first, this.#from, stored + removals + 2 * this.#appended.length);
    this.#removed = Array.from({ length: until - stored }, (_, index) => stored + index);
    // What is appended and trimmed at once is not stored in the first place.
    const left = until === this.#from ? first : until;
    if (first !== this.record.first || left !== stored) {
      this.record = { ...this.record, first, stored: left };
    }
  }

  get hasAppended(): boolean {
    return this.#appended.length > 0;
  }

  get removals(): number {
    return this.#removed.length;
  }

  get isChanged(): boolean {
    return this.record !== this.log.record;
  }

  changes(): Change[] {
    const { number, first } = this.record;
    const changes: Change[] = this.#removed.map((count) => ({
      key: entryKey(number, count),
      value: undefined,
    }));
    for (const [index, value] of this.#appended.entries()) {
      const count = this.#from + index;
      if (count >= first) changes.push({ key: entryKey(number, count), value });
    }
    changes.push({ key: recordKey(this.log.channel), value: encodeRecord(this.record) });
    return changes;
  }

  #entryAt(count: number): Buffer | undefined {
    return count < this.#from ? this.log.entryAt(count) : this.#appended[count - this.#from];
  }
}
