import { warn } from "../stream/call-back.js";
import type { FinalRunState } from "./run-store.js";

/** A run, as whoever watches is told of it. */
export interface ObservedRun {
  /** The handler, as `Class.method`; undefined where another process runs it. */
  readonly route: string | undefined;
  readonly key: string;
}

/** A run of this process. */
export interface LocalRun extends ObservedRun {
  readonly route: string;
  /** Tells the runs of one key apart. */
  readonly attempt: string;
}

/** What became of one. */
export interface RunEnd {
  readonly state: FinalRunState;
  /** From its start to its end, in milliseconds. */
  readonly elapsed: number;
  /** How many events it has published. */
  readonly events: number;
  /** How many bytes they have, without their ids. */
  readonly bytes: number;
}

/** Hears what nobody else is told; for adapters. */
export interface RunsObserver {
  started(run: LocalRun): void;
  ended(run: LocalRun, end: RunEnd): void;
  /** It has failed, or something on its way has. */
  failed(error: unknown, run: ObservedRun): void;
  /** The process that ran it is gone. Told by the one that finds out. */
  lost(run: ObservedRun): void;
  /** Another process has taken a run over, or cancelled it. */
  taken(run: ObservedRun): void;
  /** A handler was told to stop; resolves with false when it refuses to, and rejects with what it throws. */
  stopping(route: string, stopping: Promise<boolean>): void;
}

/** Where nobody watches, failures are warnings of the process. */
export const NOBODY: RunsObserver = {
  started: () => undefined,
  ended: () => undefined,
  failed: warn,
  lost: () => undefined,
  taken: () => undefined,
  stopping: () => undefined,
};
