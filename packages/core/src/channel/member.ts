import type { Outcome } from "@sluice/protocol";
import type { Batch } from "./batch.js";
import type { Entry } from "./broker.js";
import type { Gap } from "./feed.js";

/** A connection of a hub. */
export interface Member {
  /** The number in the ring up to which everything was written; -1 while it reads the history. */
  at: number;
  /** Since when it has not taken anything, in milliseconds of the monotonic clock. */
  stalledAt: number;
  readonly maxBufferedBytes: number;
  /** In milliseconds. */
  readonly stallTimeout: number;
  /** Returns how many bytes were not taken; above 0, the hub's `catchUp` is called once they are. */
  write(batch: Batch): number;
  /** It is too far behind, or has stalled too long. */
  overflow(): void;
  lost(gap: Gap): void;
  /** @param outcome - of what has ended; undefined where it is over without an end */
  complete(outcome?: Outcome): void;
  report(error: unknown): void;
}

/** Hears what a hub accepts, at once. */
export interface Tap {
  /** The number in the ring up to which it was told everything. */
  at: number;
  accept(entry: Entry): void;
  lost(gap: Gap): void;
  report(error: unknown): void;
  /** How many connections it stands for. */
  readonly size: number;
}
