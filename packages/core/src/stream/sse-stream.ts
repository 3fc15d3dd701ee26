import {
  encode,
  encodeComment,
  normalize,
  type Carries,
  type EventIn,
  type EventMap,
  type SseEvent,
} from "@sluice/protocol";
import type { CloseReason } from "../close-reason.js";
import { SluiceError } from "../errors.js";
import { Frame, type FrameIn } from "../frame.js";
import { Backlog } from "./backlog.js";
import { callBack } from "./call-back.js";
import { ATTACH, type Attachment, type PushSource, type Sink } from "./push-source.js";
import { PushIterator } from "./push-iterator.js";
import {
  DEFAULT_MAX_BUFFERED_BYTES,
  checkStreamOptions,
  type CloseListener,
  type SseStreamOptions,
} from "./stream-options.js";

export { DEFAULT_MAX_BUFFERED_BYTES, type CloseListener, type SseStreamOptions };

/**
 * The imperative form of a source: a handler returns it and sends from wherever it likes.
 *
 * It serves one connection. What is sent before the handler returns is kept, and what a slow
 * client has not read waits in a bounded buffer.
 */
export class SseStream<M extends EventMap = EventMap>
  implements PushSource, AsyncIterable<SseEvent>
{
  readonly #options: SseStreamOptions;
  readonly #backlog = new Backlog();
  #dropped = 0;
  #attached = false;
  /** The connection, from the attachment to its close. */
  #sink: Sink | undefined;
  /** The connection takes the next event now. */
  #ready = false;
  /** The head is out: the end may be told. */
  #opened = false;
  /** The connection was told of the end. */
  #told = false;
  /** A write is on its way: what is sent meanwhile waits for its turn. */
  #writing = false;
  #reportingDrops = false;
  /** Nothing more is taken; what waits may still go out. */
  #ended: CloseReason | undefined;
  #failure: { readonly error: unknown } | undefined;
  #listeners: CloseListener[] = [];

  /** @throws SluiceError `ERR_OPTION` */
  constructor(options: SseStreamOptions = {}) {
    checkStreamOptions(options);
    this.#options = options;
  }

  /** How many events have been dropped because the buffer was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many bytes wait for the client. */
  get bufferedBytes(): number {
    return this.#backlog.bytes;
  }

  /**
   * Sends an event, or a frame, which is not encoded again.
   *
   * @returns false when the stream is closed, or the event was dropped.
   * @throws SseEncodeError when the event is not legal; nothing is sent then.
   */
  send(event: EventIn<M> | FrameIn<M>): boolean {
    if (this.#ended !== undefined) return false;
    if (event instanceof Frame) return this.#push(event.event, event.text);
    const normalized = normalize(event);
    return this.#push(normalized, encode(normalized));
  }

  /** Sends an event that has only data. Returns and throws as {@link send} does. */
  sendData(data: "message" extends keyof M ? M["message"] : never): boolean {
    if (this.#ended !== undefined) return false;
    return this.#push({ data }, encode({ data }));
  }

  /** Sends a comment, which no client sees as an event. Returns and throws as {@link send} does. */
  sendComment(comment: string): boolean {
    if (this.#ended !== undefined) return false;
    return this.#push({ comment }, encodeComment(comment));
  }

  /** Ends the stream: what was sent goes out, then the client is told that it is complete. */
  close(): void {
    this.#end("complete", undefined);
  }

  /**
   * Ends the stream as a throw ends a generator. Where nothing was sent before the handler returned
   * it, the error is the HTTP answer. Else what was sent goes out, the error is logged, and the client
   * reconnects, or is told that the stream failed if the error is an `HttpError` of the 4xx kind.
   */
  fail(error: unknown): void {
    this.#end("error", { error });
  }

  /**
   * Registers a callback that runs once, when the stream closes, from either side; at once if it
   * has. After {@link close} or {@link fail} it does not wait for what is still to go out.
   */
  onClose(listener: CloseListener): void {
    const reason = this.#ended;
    if (reason === undefined) this.#listeners.push(listener);
    else this.#callBack(() => listener(reason));
  }

  /** Whether the stream is closed, by either side: nothing more can be sent. */
  isClosed(): boolean {
    return this.#ended !== undefined;
  }

  [ATTACH](sink: Sink): Attachment {
    if (this.#attached) {
      throw new SluiceError(
        "ERR_STREAM_IN_USE",
        "This SseStream serves a connection already, or has served one. Make one for each request. To send the same to several clients, keep their streams in a Set, take each out in its onClose, and send to all that are in it.",
      );
    }
    if (this.#failure !== undefined && this.#backlog.isEmpty) throw this.#failure.error;
    this.#attached = true;
    this.#sink = sink;
    if (this.#dropped > 0) sink.tally("dropped", this.#dropped);
    return {
      drained: () => {
        if (this.#sink === undefined) return;
        this.#ready = true;
        this.#opened = true;
        this.#flush();
      },
      closed: (reason) => this.#closed(reason),
    };
  }

  /** The events, for code that consumes the stream itself; it is then the one connection. */
  [Symbol.asyncIterator](): AsyncIterableIterator<SseEvent, undefined> {
    // It tells no outcome.
    return new PushIterator<SseEvent>(this) as AsyncIterableIterator<SseEvent, undefined>;
  }

  #push(event: SseEvent, text: string): boolean {
    // Encoding runs the application's `toJSON`, which may have closed the stream.
    if (this.#ended !== undefined) return false;
    if (!this.#ready || this.#writing) return this.#keep(event, text);
    this.#write(event, text);
    this.#flush();
    return true;
  }

  /** Keeps an event for later, within the bound. */
  #keep(event: SseEvent, text: string): boolean {
    const limits = this.#sink?.limits;
    const bound =
      this.#options.maxBufferedBytes ?? limits?.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES;
    if (this.#backlog.add(event, text, bound)) return true;
    switch (this.#options.overflow ?? limits?.overflow) {
      case "drop-newest":
        this.#drop([event]);
        return false;
      case "drop-oldest": {
        const lost = this.#backlog.displace(event, text, bound);
        this.#drop(lost ?? [event]);
        return lost !== undefined;
      }
      default:
        this.#overflow(bound);
        return false;
    }
  }

  #overflow(bound: number): void {
    if (this.#sink === undefined) {
      // Nobody is to get a part of it: the handler is at fault, and this is its answer.
      this.#backlog.clear();
      const error = new SluiceError(
        "ERR_STREAM_OVERFLOW",
        `More than ${bound} bytes were sent on an SseStream before a handler returned it. Return it first, or give the stream a bound of its own: new SseStream({ maxBufferedBytes }).`,
      );
      this.#end("slow-consumer", { error });
    } else {
      this.#sink.overflow();
      this.#closed("slow-consumer");
    }
  }

  #drop(events: readonly SseEvent[]): void {
    let dropped = this.#dropped;
    this.#dropped += events.length;
    this.#sink?.tally("dropped", events.length);
    const { onDrop } = this.#options;
    // A callback that sends, and so drops, would call itself for ever.
    if (onDrop === undefined || this.#reportingDrops) return;
    this.#reportingDrops = true;
    for (const event of events) this.#callBack(() => onDrop(event, ++dropped));
    this.#reportingDrops = false;
  }

  #write(event: SseEvent, text: string): void {
    this.#writing = true;
    this.#ready = false;
    try {
      // The connection may drain, or close, before this returns.
      if (this.#sink!.write(event, text)) this.#ready = this.#sink !== undefined;
    } finally {
      this.#writing = false;
    }
  }

  /** Hands what waits to the connection for as long as it takes it, and then the end. */
  #flush(): void {
    // From within a write there is nothing to do: whoever writes flushes afterwards.
    if (this.#writing) return;
    while (this.#ready) {
      const next = this.#backlog.take();
      if (next === undefined) break;
      this.#write(next.event, next.text);
    }
    if (this.#ended !== undefined && this.#opened && this.#backlog.isEmpty) this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#sink === undefined || this.#told) return;
    this.#told = true;
    if (this.#failure === undefined) this.#sink.complete();
    else this.#sink.fail(this.#failure.error);
  }

  #end(reason: CloseReason, failure: { readonly error: unknown } | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#failure = failure;
    // The connection's own clean-up comes first where nothing stands in its way; it calls `closed`.
    this.#flush();
    this.#runListeners(reason);
  }

  /** The connection closed: it is told nothing more, and not held any longer. */
  #closed(reason: CloseReason): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#ready = false;
    this.#ended ??= reason;
    this.#backlog.clear();
    this.#runListeners(this.#ended, sink);
  }

  #runListeners(reason: CloseReason, sink = this.#sink): void {
    for (const listener of this.#listeners.splice(0)) this.#callBack(() => listener(reason), sink);
  }

  #callBack(callback: () => unknown, sink = this.#sink): void {
    callBack(callback, sink && ((error) => sink.report(error)));
  }
}

// Carries the types of its events, for `EventsOf`.
export interface SseStream<M extends EventMap> extends Carries<M> {}
