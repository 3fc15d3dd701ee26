import { warn } from "../stream/call-back.js";

/** A run, as whoever watches is told of it. */
export interface ObservedRun {
  /** The handler, as `Class.method`; undefined where another process runs it. */
  readonly route: string | undefined;
  readonly key: string;
}

/** Hears what nobody else is told; for adapters. */
export interface RunsObserver {
  /** It has failed, or something on its way has. */
  failed(error: unknown, run: ObservedRun): void;
  /** Another process has taken a run over, or cancelled it. */
  lost(run: ObservedRun): void;
  /** A handler was told to stop; resolves with false when it refuses to, and rejects with what it throws. */
  stopping(route: string, stopping: Promise<boolean>): void;
}

/** Where nobody watches, failures are warnings of the process. */
export const NOBODY: RunsObserver = {
  failed: warn,
  lost: () => undefined,
  stopping: () => undefined,
};
