import type { ConnectionBudget } from "../stream/budget.js";
import type { StreamState } from "../stream/state.js";

/** What cards share. */
export interface Surroundings {
  readonly budget: ConnectionBudget;
  /** Tells the visitor something, aloud too. */
  announce(text: string): void;
  /** A card's stream changed its state. */
  onState(id: string, state: StreamState): void;
  /** A card received an event. */
  onEvent(): void;
}
