import assert from "node:assert/strict";
import type { Entry, Follower, Following } from "@sluice/core";
import type { Bench } from "./bench.js";
import { plain, sameList } from "./same.js";

/** What a broker told of one entry. */
export interface Told {
  readonly previous: string;
  readonly entry: Entry;
}

interface Waiting {
  check(): boolean;
  resolve(): void;
}

/** A follower that notes what it is told. */
export class Listener implements Follower {
  /** What was told, in the order of telling. */
  readonly told: Told[] = [];
  /** What was told although {@link stop} had been called. */
  readonly late: unknown[] = [];
  /** Is called with each entry, inside of `deliver`. */
  onEntry: ((told: Told) => void) | undefined;
  readonly #bench: Bench;
  readonly #channel: string;
  readonly #heard = new Set<string>();
  readonly #waiting = new Set<Waiting>();
  #following: Following | undefined;
  #stopped = false;

  constructor(bench: Bench, channel: string) {
    this.#bench = bench;
    this.#channel = channel;
  }

  get following(): Following {
    assert(this.#following !== undefined, "follow has not come back yet");
    return this.#following;
  }

  get position(): string {
    return this.following.position;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Begins to listen; a second call follows the channel anew. */
  async follow(): Promise<this> {
    const told = this.told.length;
    const following = this.#bench.broker.follow(this.#channel, this);
    assert.equal(this.told.length, told, "an entry was told before follow returned");
    this.#following = await following;
    this.#stopped = false;
    return this;
  }

  deliver(previous: string, entry: Entry): void {
    const told = { previous, entry: plain(entry) };
    if (this.#stopped) this.late.push(told);
    this.told.push(told);
    this.#heard.add(entry.id);
    this.onEntry?.(told);
    this.#wake();
  }

  reached(position: string): void {
    if (this.#stopped) this.late.push(position);
    this.#heard.add(position);
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.following.stop();
  }

  /** Waits until a number of entries was told, or with a lossy broker until one is heard of. */
  async hasHeard(count: number, newest: string): Promise<void> {
    const { lossy } = this.#bench.settings;
    await this.#until(
      () => this.#heard.has(newest) && (lossy || this.told.length >= count),
      () => `of ${count} entries up to ${newest}, ${this.told.length} were told`,
    );
  }

  /**
   * Waits for entries, and checks that they are what is told: these and no others, once, in order.
   * With a lossy broker, that they can be read, and that nothing else is told.
   *
   * @param entries - all of the channel after the position
   */
  async hears(entries: readonly Entry[]): Promise<void> {
    await this.hearsOf(entries);
    if (this.#bench.settings.lossy)
      sameList(await this.#bench.readAll(this.#channel, this.position), entries);
  }

  /** The same for entries that may have left the history. */
  async hearsOf(entries: readonly Entry[]): Promise<void> {
    const { lossy } = this.#bench.settings;
    const newest = entries.at(-1)?.id;
    // What a lossy broker does not tell, it makes known when it is settled, if not before.
    if (lossy) await this.#bench.quiet();
    if (newest !== undefined) await this.hasHeard(entries.length, newest);
    await this.#bench.quiet();
    if (lossy) this.checkTold(entries);
    else sameList(this.told, chain(this.position, entries));
  }

  /** Checks that everything that was told is as it was stored, after the position. */
  checkTold(entries: readonly Entry[]): void {
    const expected = new Map(chain(this.position, entries).map((told) => [told.entry.id, told]));
    sameList(
      this.told,
      this.told.map(({ entry }) => expected.get(entry.id)),
    );
  }

  async #until(check: () => boolean, state: () => string): Promise<void> {
    if (check()) return;
    const { timeout } = this.#bench.settings;
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        check,
        resolve: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(new assert.AssertionError({ message: `After ${timeout} ms, ${state()}.` }));
      }, timeout);
      this.#waiting.add(waiting);
    });
  }

  #wake(): void {
    for (const waiting of this.#waiting) if (waiting.check()) waiting.resolve();
  }
}

/** How entries have to be told: each with the cursor before it. */
function chain(position: string, entries: readonly Entry[]): Told[] {
  return entries.map((entry, at) => ({ previous: entries[at - 1]?.id ?? position, entry }));
}
