import type { Outcome } from "@sluice/protocol";
import type { FinalRunState } from "./run-store.js";

const OUTCOMES: Readonly<Record<FinalRunState, Outcome>> = {
  done: "done",
  failed: "failed",
  refused: "failed",
  cancelled: "cancelled",
  orphaned: "failed",
  lost: "failed",
};

/** What those are told who listen to a run that ends so, and those who come later. */
export function outcomeOf(state: FinalRunState): Outcome {
  return OUTCOMES[state];
}

/**
 * How a run has ended whose channel may have been ended by another before: so as those who listen were
 * told, whatever became of whoever told them.
 *
 * @param before - how the channel had been ended, if it had
 */
export function standing(state: FinalRunState, before: Outcome | undefined): FinalRunState {
  if (before === undefined) return state;
  if (before !== "failed") return before;
  return state === "done" ? "lost" : state;
}
