import { Buffer } from "node:buffer";
import {
  encode,
  encodeComment,
  normalize,
  type Carries,
  type EventIn,
  type EventMap,
  type SseEvent,
  type SseYield,
} from "@sluice/protocol";
import type { CloseReason } from "../close-reason.js";
import { SluiceError } from "../errors.js";
import {
  ATTACH,
  type Attachment,
  type PushSource,
  type Sink,
  type StreamLimits,
  type StreamOverflow,
} from "./push-source.js";
import { PushIterator } from "./push-iterator.js";

/** The bound of a stream's buffer, in bytes, where nothing else is said. */
export const DEFAULT_MAX_BUFFERED_BYTES = 1_048_576;

export interface SseStreamOptions {
  /**
   * How many bytes may wait for a client that reads slowly.
   * @defaultValue the route's `maxBufferedBytes`, else 1,048,576
   */
  readonly maxBufferedBytes?: number;
  /**
   * What happens when they are exceeded: the client is disconnected and may resume, or events are
   * dropped, counted and reported.
   * @defaultValue the route's `overflow`, else `"disconnect"`
   */
  readonly overflow?: StreamOverflow;
  /** Called with each event that was dropped, and how many have been so far. */
  readonly onDrop?: (event: SseEvent, dropped: number) => void;
}

export type CloseListener = (reason: CloseReason) => void;

interface Waiting {
  readonly event: SseEvent;
  readonly text: string;
  readonly bytes: number;
}

/**
 * The imperative form of a source: a handler returns it and sends from wherever it likes.
 *
 * It serves one connection. What is sent before the handler returns is kept, and what a slow
 * client has not read waits in a bounded buffer.
 */
export class SseStream<M extends EventMap = EventMap>
  implements PushSource, AsyncIterable<SseYield>
{
  readonly #options: SseStreamOptions;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #sink: Sink | undefined;
  #sinkFull = false;
  /** Nothing more is taken; what waits may still be on its way. */
  #ended: CloseReason | undefined;
  #failure: { readonly error: unknown } | undefined;
  #listeners: CloseListener[] | undefined;

  constructor(options: SseStreamOptions = {}) {
    const bound = options.maxBufferedBytes;
    if (bound !== undefined && !(Number.isSafeInteger(bound) && bound >= 0)) {
      throw new SluiceError(
        "ERR_OPTION",
        `SseStream: maxBufferedBytes must be a whole number of bytes, not ${String(bound)}.`,
      );
    }
    this.#options = options;
  }

  /** How many events have been dropped because the buffer was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many bytes wait for the client. */
  get bufferedBytes(): number {
    return this.#waitingBytes;
  }

  /**
   * Sends an event.
   *
   * @returns false when the stream is closed, or the event was dropped.
   * @throws SseEncodeError when the event is not legal; nothing is sent then.
   */
  send(event: EventIn<M>): boolean {
    if (this.#ended !== undefined) return false;
    return this.#push(event as SseYield, encode(event as SseYield));
  }

  /** Sends an event that has only data. Returns and throws as {@link send} does. */
  sendData(data: unknown): boolean {
    return this.send({ data } as EventIn<M>);
  }

  /** Sends a comment, which no client sees as an event. Returns as {@link send} does. */
  sendComment(comment: string): boolean {
    if (this.#ended !== undefined) return false;
    return this.#push({ comment }, encodeComment(comment));
  }

  /** Ends the stream: what was sent goes out, then the client is told that it is complete. */
  close(): void {
    this.#end("complete", undefined);
  }

  /**
   * Ends the stream as a throw ends a generator: before it was returned, the error is the HTTP
   * answer; later it is logged and the client reconnects, or is told that it failed if the error is
   * an `HttpError` of the 4xx kind.
   */
  fail(error: unknown): void {
    this.#end("error", { error });
  }

  /** Registers a callback that runs once, when the stream closes; at once if it has. */
  onClose(listener: CloseListener): void {
    if (this.#ended !== undefined) this.#call(listener, this.#ended);
    else (this.#listeners ??= []).push(listener);
  }

  /** Whether the stream is closed, by either side. */
  isClosed(): boolean {
    return this.#ended !== undefined;
  }

  [ATTACH](sink: Sink): Attachment {
    if (this.#sink !== undefined) {
      throw new SluiceError(
        "ERR_STREAM_IN_USE",
        "This SseStream serves a connection already. Make one for each request; several clients of one feed want a channel.",
      );
    }
    if (this.#failure !== undefined && this.#waiting.length === 0) throw this.#failure.error;
    this.#sink = sink;
    this.#sinkFull = true;
    return {
      drained: () => {
        this.#sinkFull = false;
        this.#drain();
      },
      closed: (reason) => this.#closed(reason),
    };
  }

  /** The events, for code that consumes the stream itself; it is then the one connection. */
  [Symbol.asyncIterator](): AsyncIterableIterator<SseYield> {
    return new PushIterator(this);
  }

  #push(value: SseYield, text: string): boolean {
    const sink = this.#sink;
    if (sink !== undefined && !this.#sinkFull) {
      this.#sinkFull = !sink.write(value, text);
      return true;
    }
    return this.#keep({ event: normalize(value), text, bytes: Buffer.byteLength(text) });
  }

  /** Keeps an event for later, within the bound. */
  #keep(entry: Waiting): boolean {
    const limits: StreamLimits | undefined = this.#sink?.limits;
    const bound =
      this.#options.maxBufferedBytes ?? limits?.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES;
    if (this.#waitingBytes + entry.bytes > bound) {
      switch (this.#options.overflow ?? limits?.overflow ?? "disconnect") {
        case "disconnect":
          this.#overflow(bound);
          return false;
        case "drop-newest":
          this.#drop(entry.event);
          return false;
        case "drop-oldest":
          while (this.#waiting.length > 0 && this.#waitingBytes + entry.bytes > bound) {
            const oldest = this.#waiting.shift()!;
            this.#waitingBytes -= oldest.bytes;
            this.#drop(oldest.event);
          }
          if (entry.bytes > bound) {
            this.#drop(entry.event);
            return false;
          }
      }
    }
    this.#waiting.push(entry);
    this.#waitingBytes += entry.bytes;
    return true;
  }

  #overflow(bound: number): void {
    if (this.#sink !== undefined) {
      this.#sink.overflow();
      return;
    }
    const error = new SluiceError(
      "ERR_STREAM_OVERFLOW",
      `More than ${bound} bytes were sent on an SseStream before a handler returned it. Return it first, or raise maxBufferedBytes.`,
    );
    this.#end("slow-consumer", { error });
  }

  #drop(event: SseEvent): void {
    this.#dropped++;
    const { onDrop } = this.#options;
    if (onDrop === undefined) return;
    try {
      onDrop(event, this.#dropped);
    } catch (error) {
      this.#report(error);
    }
  }

  /** Hands what waits to the connection for as long as it takes it, and then the end. */
  #drain(): void {
    const sink = this.#sink!;
    let sent = 0;
    while (sent < this.#waiting.length && !this.#sinkFull) {
      const entry = this.#waiting[sent++]!;
      this.#waitingBytes -= entry.bytes;
      this.#sinkFull = !sink.write(entry.event, entry.text);
    }
    if (sent > 0) this.#waiting.splice(0, sent);
    if (this.#ended !== undefined && this.#waiting.length === 0) this.#finish(sink);
  }

  #finish(sink: Sink): void {
    if (this.#failure === undefined) sink.complete();
    else sink.fail(this.#failure.error);
  }

  #end(reason: CloseReason, failure: { readonly error: unknown } | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#failure = failure;
    // The connection's own clean-up comes first where nothing stands in its way; it calls `closed`.
    if (this.#sink !== undefined && this.#waiting.length === 0) this.#finish(this.#sink);
    this.#runListeners(reason);
  }

  #closed(reason: CloseReason): void {
    this.#ended ??= reason;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#runListeners(reason);
  }

  #runListeners(reason: CloseReason): void {
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) this.#call(listener, reason);
  }

  #call(listener: CloseListener, reason: CloseReason): void {
    try {
      listener(reason);
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    if (this.#sink !== undefined) this.#sink.report(error);
    else process.emitWarning(error instanceof Error ? error : String(error));
  }
}

// Carries the types of its events, for `EventsOf`.
export interface SseStream<M extends EventMap> extends Carries<M> {}
