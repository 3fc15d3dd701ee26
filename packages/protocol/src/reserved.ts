/** Event names with this prefix are Sluice's own; an application's event that uses it throws. */
export const RESERVED_PREFIX = "sluice.";

/** The name of the frame that ends a finished stream. Its data is `{ outcome }`. */
export const END_EVENT = "sluice.end";

/** The name of the event that tells a client that its position could not be resumed. */
export const RESET_EVENT = "sluice.reset";

/**
 * What the id of the completion frame ends in. A client that reconnects brings it back in `Last-Event-ID`, and the
 * server knows without any state that there is nothing more to come.
 */
export const END_MARK = "#end";

/** The longest `Last-Event-ID` that is accepted, in bytes of UTF-8. */
export const MAX_LAST_EVENT_ID_BYTES = 1024;

/** How a stream ended for good: its source returned (`done`), or threw an error that a retry would not cure. */
export type Outcome = "done" | "failed";

/** Whether an id ends in the mark of a finished stream. */
export function isEndMark(id: string): boolean {
  return id.endsWith(END_MARK);
}

/** The id without the mark of a finished stream; an id that has none comes back as it is. */
export function stripEndMark(id: string): string {
  return isEndMark(id) ? id.slice(0, -END_MARK.length) : id;
}
