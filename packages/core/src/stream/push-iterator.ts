import type { Outcome, SseEvent } from "@sluice/protocol";
import type { Batch } from "../channel/batch.js";
import type { CloseReason } from "../close-reason.js";
import { SluiceError } from "../errors.js";
import { Frame } from "../frame.js";
import { warn } from "./call-back.js";
import {
  ATTACH,
  type Attachment,
  type PushSource,
  type Sink,
  type StreamLimits,
} from "./push-source.js";
import { Queue } from "./queue.js";

/** What a source writes: events one by one, or frames in batches. */
type Written = SseEvent | Frame;

interface Taker<T> {
  readonly resolve: (result: IteratorResult<T, Outcome | undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A source that pushes, read as an async iterator. It takes an event when `next()` asks for one: the
 * rest waits in the source, under the source's own bound. `return()` acts at once, even while
 * `next()` waits; to the source it is a client that left. What it returns at last is the outcome that
 * the source told, if it told one.
 */
export class PushIterator<T extends Written = Written>
  implements AsyncIterableIterator<T, Outcome | undefined>, Sink
{
  readonly limits: StreamLimits = {};
  readonly lastEventId = undefined;
  readonly context = undefined;
  readonly #attachment: Attachment;
  readonly #takers = new Queue<Taker<T>>();
  /** What a source wrote although it was asked to wait. */
  readonly #held = new Queue<T>();
  #heldBytes = 0;
  #failure: { readonly error: unknown } | undefined;
  /** How the source ended, until somebody has been told. */
  #outcome: Outcome | undefined;
  #closed = false;

  get isClosed(): boolean {
    return this.#closed;
  }

  /** @throws what the source throws in place of a stream */
  constructor(source: PushSource) {
    this.#attachment = source[ATTACH](this);
  }

  /** @throws what the source failed with; SluiceError `ERR_STREAM_OVERFLOW` when its buffer was full */
  next(): Promise<IteratorResult<T, Outcome | undefined>> {
    const value = this.#takeHeld();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#closed) return Promise.resolve(this.#takeEnd());
    return new Promise((resolve, reject) => {
      this.#takers.push({ resolve, reject });
      this.#attachment.drained();
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#close("client");
    this.#held.clear();
    this.#failure = undefined;
    this.#outcome = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  write(event: SseEvent): boolean {
    if (this.#closed) return false;
    this.#give(event as T);
    return !this.#takers.isEmpty;
  }

  writeBatch(batch: Batch): number {
    if (this.#closed) return 0;
    for (const frame of batch.frames) this.#give(frame as T);
    return this.#heldBytes;
  }

  complete(outcome?: Outcome): void {
    if (this.#closed) return;
    this.#outcome = outcome;
    this.#close(outcome === "failed" ? "error" : "complete");
  }

  fail(error: unknown): void {
    this.#fail(error, "error");
  }

  /** Fails: an end without an error would pass for the end of the source. */
  overflow(): void {
    const error = new SluiceError(
      "ERR_STREAM_OVERFLOW",
      "The buffer of a stream is full, because its events are read more slowly than they are sent. Raise its maxBufferedBytes, choose another overflow, or send less.",
    );
    this.#fail(error, "slow-consumer");
  }

  /** Nobody counts what the application reads itself. */
  tally(): void {}

  report(error: unknown): void {
    warn(error);
  }

  #give(value: T): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) taker.resolve({ done: false, value });
    else {
      this.#held.push(value);
      if (value instanceof Frame) this.#heldBytes += value.text.length;
    }
  }

  #takeHeld(): T | undefined {
    const value = this.#held.shift();
    if (value instanceof Frame) this.#heldBytes -= value.text.length;
    return value;
  }

  /** As a generator does, it says once what it returns. */
  #takeEnd(): IteratorReturnResult<Outcome | undefined> {
    const value = this.#outcome;
    this.#outcome = undefined;
    return { done: true, value };
  }

  #fail(error: unknown, reason: CloseReason): void {
    if (this.#closed) return;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#failure = { error };
    else taker.reject(error);
    this.#close(reason);
  }

  #close(reason: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    for (let taker = this.#takers.shift(); taker !== undefined; taker = this.#takers.shift()) {
      taker.resolve(this.#takeEnd());
    }
    this.#attachment.closed(reason);
  }
}
