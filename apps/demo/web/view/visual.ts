import type { ReceivedEvent } from "../stream/state.js";

/** Draws the events of an example, beside its logs. */
export interface Visual {
  readonly element: HTMLElement;
  event(event: ReceivedEvent): void;
  /** Goes back to how it was before the first event. */
  clear(): void;
}
