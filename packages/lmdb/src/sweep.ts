import type { Group } from "./group.js";
import { channelOf } from "./keys.js";
import type { LmdbRunStore } from "./lmdb-run-store.js";
import type { Log } from "./log.js";
import type { Store } from "./store.js";

/** How many channels and runs are looked at, and how many entries removed, in one step. */
const STEP_CHANNELS = 256;
const STEP_RUNS = 256;
const STEP_REMOVALS = 4_096;
/**
 * In parts of the time after which a channel is forgotten: how long one that is followed goes without
 * a note that it is in use, so that it is remembered for long enough when its followers leave or the
 * process ends.
 */
const NOTE_AFTER = 0.5;
/** Between two steps, and between two rounds, in milliseconds. */
const STEP_PAUSE = 100;
const ROUND_PAUSE = 10_000;

export interface SweepOptions {
  readonly store: Store;
  readonly runs: LmdbRunStore;
  /** In milliseconds. */
  readonly forgetAfter: number;
  /** Gets a channel that stays in memory until the commit is done. */
  readonly hold: (channel: string) => Log;
  /** Puts a new channel in the place of one that is forgotten, held likewise. */
  readonly replace: (log: Log) => Log;
  /** Lets a commit begin, even if nothing is published. */
  readonly wake: () => void;
}

/**
 * Goes round all channels of the store, also those that nobody publishes to any more: removes what has
 * become too old, and forgets those of which nothing is left. So it does with the runs. A few at a time,
 * with a pause between.
 */
export class Sweep {
  readonly #options: SweepOptions;
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  /** The key of the last channel that was looked at. */
  #after: Buffer | undefined;
  /** What has been looked at in this round, to the last. */
  #isDone = { channels: false, runs: false };

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#pause(STEP_PAUSE);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#isDue = false;
  }

  /** Takes the next step if it is time for it, in a commit. Returns the channels that it holds. */
  contribute(group: Group): Log[] {
    if (!this.#isDue) return [];
    this.#isDue = false;
    if (!this.#isDone.runs) {
      const { changes, isRound } = this.#options.runs.sweep(STEP_RUNS);
      group.add(changes);
      this.#isDone.runs = isRound;
    }
    const held = this.#isDone.channels ? [] : this.#lookAtChannels(group);
    const isRoundOver = this.#isDone.channels && this.#isDone.runs;
    if (isRoundOver) this.#isDone = { channels: false, runs: false };
    this.#pause(isRoundOver ? ROUND_PAUSE : STEP_PAUSE);
    return held;
  }

  /** Looks at the next ones. Returns those that it holds. */
  #lookAtChannels(group: Group): Log[] {
    const held: Log[] = [];
    let removals = 0;
    let last: Buffer | undefined;
    for (const key of this.#options.store.recordKeys(this.#after, STEP_CHANNELS)) {
      if (removals >= STEP_REMOVALS) break;
      removals += this.#look(key, STEP_REMOVALS - removals, group, held);
      last = key;
    }
    this.#after = last;
    this.#isDone.channels = last === undefined;
    return held;
  }

  /** Returns how many entries are removed. */
  #look(key: Buffer, removals: number, group: Group, held: Log[]): number {
    const { hold, replace, forgetAfter } = this.#options;
    const log = hold(channelOf(key));
    held.push(log);
    // One that is published to is trimmed by that; one without a number has taken a forgotten one's place.
    if (group.has(log) || log.record.number === 0) return 0;
    const draft = group.draft(log);
    draft.trim(removals);
    const { stored, end, ended, at } = draft.record;
    const unused = Date.now() - at;
    if (log.subscriptions.size > 0) {
      if (unused >= forgetAfter * NOTE_AFTER) draft.touch();
      return draft.removals;
    }
    const isOld = ended !== undefined || unused >= forgetAfter * (1 + NOTE_AFTER);
    // Only the sweep itself has it: nothing of it waits for its commit.
    if (stored === end && draft.removals === 0 && isOld && log.pending === 1) {
      group.forget(log);
      held.push(replace(log));
    }
    return draft.removals;
  }

  #pause(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isDue = true;
      this.#options.wake();
    }, milliseconds).unref();
  }
}
