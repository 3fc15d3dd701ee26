/** Event names with this prefix are Sluice's own; an application's event that uses it throws. */
export const RESERVED_PREFIX = "sluice.";

/** The name of the frame that ends a finished stream. Its data is `{ outcome }`. */
export const END_EVENT = "sluice.end";

/** The name of the event that tells a client that its position could not be resumed. */
export const RESET_EVENT = "sluice.reset";

/**
 * The name of the event that gives a client its position where no other event does: when it joins a channel, so that it
 * can resume although nothing was published before it lost its connection. Its data is `{}`.
 */
export const POSITION_EVENT = "sluice.position";

/**
 * Why a client can't be given everything after its last id:
 *
 * - `malformed`: the id is none that a channel gives out.
 * - `unknown`: it is of another channel, or of a history that is no more, as after a restart.
 * - `trimmed`: events after it have left the history.
 * - `skipped`: the client read too slowly, and events were left out.
 * - `lost`: the server itself can't tell what came after it.
 */
export type ResetReason = "malformed" | "unknown" | "trimmed" | "skipped" | "lost";

/** The data of a {@link RESET_EVENT}: what the client has of these channels may be incomplete. */
export interface Reset {
  readonly channels: readonly string[];
  readonly reason: ResetReason;
  /** How many events were left out, where that is known. */
  readonly skipped?: number;
}

/**
 * What the id of the completion frame ends in. A client that reconnects brings it back in `Last-Event-ID`, and the
 * server knows without any state that there is nothing more to come.
 */
export const END_MARK = "#end";

/** The longest `Last-Event-ID` that is accepted, in bytes of UTF-8. */
export const MAX_LAST_EVENT_ID_BYTES = 1024;

/**
 * How a stream ended for good: its source returned (`done`), threw an error that a retry would not cure (`failed`), or
 * somebody ended it before (`cancelled`).
 */
export type Outcome = "done" | "failed" | "cancelled";

/** Whether an id ends in the mark of a finished stream. */
export function isEndMark(id: string): boolean {
  return id.endsWith(END_MARK);
}

/** The id without the mark of a finished stream; an id that has none comes back as it is. */
export function stripEndMark(id: string): string {
  return isEndMark(id) ? id.slice(0, -END_MARK.length) : id;
}
