import type { ClientState, EventMap, ReceivedEvent, SseClientError } from "@sluice/client";
import type { LatestData } from "./options.js";

/** The client's states, and `"idle"` while nothing is to be followed: without a URL, or not `enabled`. */
export type SseState = ClientState | "idle";

/** What is known of a stream. A change makes another object; what has not changed in it stays the same. */
export interface UseSseResult<M extends EventMap = EventMap, S = LatestData<M>> {
  /** The data of the latest event, undefined before the first; with a reducer, what that has made of all of them. */
  readonly data: S;
  /** The latest events, the oldest first: at most `maxEvents`. */
  readonly events: readonly ReceivedEvent<M>[];
  readonly state: SseState;
  /** Why it waits for the next attempt or, where it has been given up, why that was; undefined while all is well. */
  readonly error: SseClientError | undefined;
  /** When the next attempt is made, in milliseconds since 1970; undefined when none is planned. */
  readonly retryAt: number | undefined;
  /** Where the stream would be resumed; empty for the beginning. */
  readonly lastEventId: string;
  /** Closes the connection, and keeps what has come. It stays so until `reconnect`. */
  readonly close: () => void;
  /**
   * Closes the connection if there is one, and opens another at once: from `lastEventId`, or from the beginning, without
   * what has come, where no event had an id.
   */
  readonly reconnect: () => void;
}
