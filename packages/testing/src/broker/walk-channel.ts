import assert from "node:assert/strict";
import type { Entry, Page } from "@sluice/core";
import type { Listener } from "./listener.js";
import { sameList } from "./same.js";

/** What one channel of a random walk has to be: a list. */
export class WalkChannel {
  readonly name: string;
  readonly entries: Entry[] = [];
  readonly listeners = new Set<Listener>();
  /** The cursor before the first entry. */
  start = "";
  ended = false;
  /** How many entries the history keeps. */
  count: number;
  /** The place of the first entry that must be there; what is before it may be gone. */
  #kept = 0;

  constructor(name: string, count: number) {
    this.name = name;
    this.count = count;
  }

  /** The cursors that can be read from, or could. */
  get cursors(): string[] {
    return [this.start, ...this.entries.map(({ id }) => id)];
  }

  get position(): string {
    return this.entries.at(-1)?.id ?? this.start;
  }

  /** @param count - how many entries the history had to keep from then on */
  add(entry: Entry, count: number): void {
    this.entries.push(entry);
    this.#kept = Math.max(this.#kept, this.entries.length - count);
    if (entry.kind === "end") this.ended = true;
  }

  /** The entries after a cursor; undefined when it is none of this channel's. */
  after(cursor: string): readonly Entry[] | undefined {
    const at = this.cursors.indexOf(cursor);
    return at === -1 ? undefined : this.entries.slice(at);
  }

  /** Checks that a page is what reading has to give. */
  checkPage(page: Page, cursor: string, through: string | undefined): void {
    const at = this.cursors.indexOf(cursor);
    const end = through === undefined ? this.entries.length : this.cursors.indexOf(through);
    if (at === -1) assert.equal(page.refused, "unknown");
    else if (page.refused === "trimmed") assert(at < this.#kept, "nothing after it may be gone");
    else if (at > end) assert.equal(page.refused, "ahead");
    else {
      assert(page.refused === undefined, `it was refused: ${String(page.refused)}`);
      const { length } = page.entries;
      assert(length > 0 || at === end, "nothing was read");
      assert(length <= end - at, "too much was read");
      sameList(page.entries, this.entries.slice(at, at + length));
    }
  }

  /** Checks that a cursor is the one so many entries before another, or where the history begins. */
  checkRewound(cursor: string, count: number, from: string): void {
    const at = this.cursors.indexOf(cursor);
    assert(at !== -1, `${cursor} is no cursor of the channel`);
    const wanted = Math.max(0, this.cursors.indexOf(from) - count);
    assert(at >= wanted, "further back than was asked for");
    assert(at <= Math.max(wanted, this.#kept), "not so far back as the history reaches");
  }
}
