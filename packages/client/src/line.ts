import type { SseClientError } from "./errors.js";

export type ClientState =
  /** A request is under way. */
  | "connecting"
  /** The server has answered with a stream. */
  | "open"
  /** Between two attempts: `error` says why, `retryAt` until when. */
  | "waiting"
  /** For good: complete, closed here, or given up for the reason in `error`. */
  | "closed";

/** An event as it came, its data unread. */
export interface Message {
  /** Its name; none for a `message`. */
  readonly event?: string | undefined;
  readonly data: string;
  /** Its own id. */
  readonly id?: string | undefined;
}

/** Who a line brings its messages to. It knows where to resume. */
export interface LineTarget {
  /** The id that the next attempt resumes from; empty for none. */
  readonly lastEventId: string;
  /**
   * Is told each change. After `closed` nothing comes: the stream is complete or, with an error, given up.
   *
   * @param error - why the last attempt failed, where it waits for the next one
   * @param retryAt - when that is, in milliseconds since 1970
   */
  change(state: ClientState, error?: SseClientError, retryAt?: number): void;
  /**
   * Takes the next message. Where it returns a promise the line waits for it, and reads nothing meanwhile; where
   * that rejects, the line makes a new attempt from `lastEventId`.
   */
  take(message: Message): void | Promise<void>;
}

/** A source of messages that comes back by itself when it is interrupted. */
export interface Line {
  /** Ends it, without a word to its target. */
  close(): void;
}

/** Starts a line. It tells its target nothing before the caller's turn is over. */
export type OpenLine = (target: LineTarget) => Line;
