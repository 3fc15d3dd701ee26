import type { Outcome } from "@sluice/protocol";
import type { Outlet } from "../stream/push-source.js";
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
  /** Where batches go while it keeps up. */
  readonly outlet: Outlet;
  /**
   * It begins to keep up: sets its {@link outlet}, and it stays until {@link flowed}.
   *
   * @param written - how many events those that keep up have been sent by now, in all
   */
  flow(written: number): void;
  /**
   * It keeps up no more, or is over.
   *
   * @param written - as in {@link flow}
   * @param lastId - of the last of them
   */
  flowed(written: number, lastId: string): void;
  /** Some of what went through the outlet was not taken. */
  filled(): void;
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
