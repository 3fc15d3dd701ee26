import { RunLimitError } from "./run-limit-error.js";
import type { RunsSettings } from "./run-options.js";

/** Counts the runs of this process, and refuses those that are too many. */
export class RunLimits {
  readonly #settings: RunsSettings;
  readonly #principals = new Map<string, number>();
  #total = 0;

  constructor(settings: RunsSettings) {
    this.#settings = settings;
  }

  /** @throws RunLimitError; it is not counted then */
  enter(principal: string | undefined): void {
    const { maxRuns, maxPerPrincipal } = this.#settings;
    if (this.#total >= maxRuns) throw new RunLimitError("runs");
    if (principal !== undefined) {
      const count = this.#principals.get(principal) ?? 0;
      if (count >= maxPerPrincipal) throw new RunLimitError("principal-runs");
      this.#principals.set(principal, count + 1);
    }
    this.#total++;
  }

  leave(principal: string | undefined): void {
    this.#total--;
    if (principal === undefined) return;
    const count = this.#principals.get(principal)! - 1;
    if (count === 0) this.#principals.delete(principal);
    else this.#principals.set(principal, count);
  }
}
