import type { Outcome } from "@sluice/protocol";

/** The text of the entry that ends a channel with an outcome. */
export function endText(outcome: Outcome): string {
  return outcome === "done" ? "" : outcome;
}

/**
 * How a channel has ended, by the text of the entry that ended it: what a broker tells as
 * {@link Following.ended}.
 */
export function outcomeOfEnd(text: string): Outcome {
  return text === "failed" ? "failed" : "done";
}
