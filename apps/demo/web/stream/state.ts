/** Where a stream is in its life, as the page shows it. */
export type StreamState =
  /** Not started. */
  | "idle"
  /** Asked for, not answered yet. */
  | "connecting"
  /** Answered with a stream. */
  | "open"
  /** Lost; the browser, or Sluice's client, comes back by itself. */
  | "reconnecting"
  /** Closed from this side. */
  | "closed"
  /** The server said that there is no more, and the browser stopped. */
  | "completed"
  /** Answered with something that is no stream; the browser does not come back. */
  | "refused";

const OVER: ReadonlySet<StreamState> = new Set(["closed", "completed", "refused"]);

/** Whether nothing more comes by itself. */
export function isOver(state: StreamState): boolean {
  return OVER.has(state);
}

/** An event as the page received it. */
export interface ReceivedEvent {
  readonly name: string;
  readonly data: string;
  /** The last id so far, as `MessageEvent.lastEventId` has it. */
  readonly lastEventId: string;
  /**
   * Whether it was published before the connection that brought it was opened. Undefined where that
   * can't be told.
   */
  readonly replayed?: boolean;
}

/** What a stream tells the card that shows it. */
export interface StreamListener {
  onState(state: StreamState, note?: string): void;
  onEvent(event: ReceivedEvent): void;
}
