import type { Outcome } from "@sluice/protocol";

/** From what says least of what is missing to what says most. */
const OUTCOMES: readonly Outcome[] = ["done", "cancelled", "failed"];

export function isOutcome(value: unknown): value is Outcome {
  return (OUTCOMES as readonly unknown[]).includes(value);
}

/** The outcome of two that end together. */
export function worse(one: Outcome, other: Outcome | undefined): Outcome {
  return other !== undefined && OUTCOMES.indexOf(other) > OUTCOMES.indexOf(one) ? other : one;
}

/** The text of the entry that ends a channel with an outcome. */
export function endText(outcome: Outcome): string {
  return outcome === "done" ? "" : outcome;
}

/**
 * How a channel has ended, by the text of the entry that ended it: what a broker tells as
 * {@link Following.ended}.
 */
export function outcomeOfEnd(text: string): Outcome {
  return isOutcome(text) ? text : "done";
}
