import type { Outcome, SseEvent } from "@sluice/protocol";
import type { Batch } from "../channel/batch.js";
import type { CloseReason } from "../close-reason.js";
import type { Context } from "../pipeline/context.js";

/** The key under which a source that pushes takes the connection it is to push to. */
export const ATTACH: unique symbol = Symbol.for("sluice.attach");

/** What to do when a stream's buffer is full. */
export type StreamOverflow = "disconnect" | "drop-oldest" | "drop-newest";

/** Limits that a route sets for the streams that leave them open. */
export interface StreamLimits {
  /** @defaultValue `"disconnect"` */
  readonly overflow?: StreamOverflow | undefined;
  /** In bytes. @defaultValue 1,048,576 */
  readonly maxBufferedBytes?: number | undefined;
}

/** The last step to a client: takes batches without counting them. */
export interface Outlet {
  /** Takes several frames, as {@link Sink.writeBatch} does; above 0, {@link Sink.awaitDrain} has to be called. */
  writeBatch(batch: Batch): number;
}

/**
 * The connection, as a source that pushes sees it. None of its methods throws. A source calls none
 * after {@link Attachment.closed} but {@link Sink.report}, and {@link Sink.flowed} during it.
 */
export interface Sink {
  readonly limits: StreamLimits;
  /** The client left before the source was tied to it; {@link Attachment.closed} follows. */
  readonly isClosed: boolean;
  /** What the client brought as its last id, legal or not; undefined on a first connect. */
  readonly lastEventId: string | undefined;
  /** The request, where the source is tied to one; after the first {@link Attachment.drained} it may be gone. */
  readonly context: Context | undefined;
  /**
   * Takes one event and its text on the wire, always. False asks the source to hold the next ones
   * back until {@link Attachment.drained}.
   */
  write(event: SseEvent, text: string): boolean;
  /**
   * Takes several frames that others get too, always.
   *
   * @returns how many bytes the client has not taken; above 0, {@link Attachment.drained} follows once
   * it has
   */
  writeBatch(batch: Batch): number;
  /**
   * A shorter way for batches that many connections get, once something was written by the longer one.
   * Whoever takes it tells by {@link flowed} what went that way, at the latest when the source ends or
   * the connection closes.
   */
  readonly outlet?: Outlet | undefined;
  /**
   * Takes note of what went through the outlet.
   *
   * @param lastId - of the last of these events
   */
  flowed?(events: number, lastId: string): void;
  /** The client has not taken what went through the outlet: {@link Attachment.drained} is to follow. */
  awaitDrain?(): void;
  /**
   * The source came to its end: told once, after the last event.
   *
   * @param outcome - what the client is told; undefined is `done`
   */
  complete(outcome?: Outcome): void;
  /**
   * In place of {@link complete}: there is more to come, of another source. The client is to come back.
   * A connection that has no such end is told that it is complete.
   */
  interrupt?(): void;
  /** The source failed: told once, after the last event. */
  fail(error: unknown): void;
  /** The source's buffer is full and its policy is to disconnect. */
  overflow(): void;
  /**
   * Takes note of events that were left out because the client is slow (`dropped`), that are sent
   * because it missed them (`replayed`), and of resets that it is told (`reset`).
   */
  tally(what: "dropped" | "replayed" | "reset", count: number): void;
  /** Takes note of an error in the application's callback, which must not stop anything. */
  report(error: unknown): void;
}

/** The source, as its connection sees it. Both calls must return without throwing. */
export interface Attachment {
  /**
   * Holds the head back until it is known that the source has begun well.
   *
   * @param within - the longest that a first event is waited for, in milliseconds
   * @returns undefined where there is nothing to wait for; it resolves at the latest after the close, and
   * rejects with what is to be answered in place of a stream
   */
  opening?(within: number): Promise<void> | undefined;
  /** The connection takes events, for the first time or again. */
  drained(): void;
  /** The connection closed, for whatever reason, the source's own end included; called once. */
  closed(reason: CloseReason): void;
}

/** A source that decides by itself when to send. */
export interface PushSource {
  /**
   * Ties the source to its connection. Nothing is written, and no end told, before the first
   * {@link Attachment.drained}, which comes when the head is out.
   *
   * @throws what is to be answered in place of a stream
   */
  [ATTACH](sink: Sink): Attachment;
}
