import type { Reset } from "@sluice/client";
import type { Values } from "../catalogue/example.js";
import type { Followed, FollowOptions, MarkOf } from "../channels/follow.js";

/** Follows an example's stream by Sluice's client, and shows what comes. */
export interface ClientView {
  readonly element: HTMLElement;
  /** The view is the card's last column, in place of a log of the events. */
  readonly isStage?: true;
  /** Connects. */
  follow(url: string, options: FollowOptions, mark: MarkOf): Followed;
  /** Goes back to how it was before the first event. */
  clear(): void;
  /** The stream is started with these values. */
  enter?(values: Values): void;
  /** Events are missing: what follows can't be joined to what there is. */
  reset?(reset: Reset): void;
  /** The place in the stream has moved. */
  place?(lastEventId: string): void;
}
