import { SluiceError } from "../errors.js";
import { insist } from "./insist.js";
import { lastEventOf } from "./last-event.js";
import type { RunKeeper, RunTask } from "./run-keeper.js";
import { outcomeOf, standing } from "./run-outcome.js";
import type { RunOutput } from "./run-output.js";
import type { FinalRunState } from "./run-store.js";
import type { Run } from "./run.js";
import { within } from "./within.js";

/** How long it is tried to store an end, at least, in milliseconds. */
const INSISTS_FOR = 60_000;

/** How long what is freed with a run waits for its handler to stop, in milliseconds. */
const STOPS_WITHIN = 10_000;

/** How the end of a run is stored. */
export interface StoredEnd {
  readonly state: FinalRunState;
  /** No other process has ended it before. */
  readonly isOurs: boolean;
}

/**
 * Stores the end of a run, for all who listen and who come later, as long as there is hope. Never rejects.
 *
 * @param keep - how long it is kept, in milliseconds
 */
export async function storeEnd(
  run: Run,
  state: FinalRunState,
  keep: number,
  keeper: RunKeeper,
): Promise<StoredEnd> {
  const insistence = {
    within: Math.max(keep, INSISTS_FOR),
    isHopeless: (fault: unknown) =>
      keeper.isClosed || (fault instanceof SluiceError && fault.code === "ERR_BROKER_CLOSED"),
    report: (fault: unknown) => keeper.failed(run, fault),
  };
  const before = await insist(() => keeper.endChannel(run, outcomeOf(state), keep), insistence);
  const stored = standing(state, before);
  const isFinished = await insist(() => keeper.finish(run, stored, keep), insistence);
  return { state: stored, isOurs: isFinished === true && stored === state };
}

/** Publishes what `onError` makes of a failure. Never rejects. */
export async function publishLast(
  run: Run,
  task: RunTask,
  error: unknown,
  output: RunOutput,
  keeper: RunKeeper,
): Promise<void> {
  try {
    const item = await lastEventOf(task, error, run.place.key);
    if (item !== undefined) await output.publishLast(item);
  } catch (fault) {
    keeper.failed(run, fault);
  }
}

/** Frees what was made for a run, once its handler has let go of it. Never rejects. */
export async function free(
  run: Run,
  task: RunTask,
  stopping: Promise<boolean> | undefined,
  keeper: RunKeeper,
): Promise<void> {
  if (stopping !== undefined) {
    keeper.stopping(run.route, stopping);
    await within(STOPS_WITHIN, stopping);
  }
  try {
    await task.dispose();
  } catch (error) {
    keeper.failed(run, error);
  }
}
