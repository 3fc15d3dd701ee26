import type { SseYield } from "@sluice/protocol";
import { SluiceError } from "./errors.js";
import { Frame } from "./frame.js";
import { isNodeStream, iterateNodeStream } from "./stream/node-stream.js";
import { fromObservable, observableOf, type ObservableLike } from "./stream/observable.js";
import { PushIterator } from "./stream/push-iterator.js";
import { ATTACH, type PushSource } from "./stream/push-source.js";
import { iterateWebStream } from "./stream/web-stream.js";

/** What an iterable source may yield: an event, data alone, or a frame. */
export type SourceItem = SseYield | Frame;

/** An iterator of either kind. */
export type SourceIterator = AsyncIterator<SourceItem, unknown> | Iterator<SourceItem, unknown>;

/** Anything that a streaming handler may return, or return a promise of. A text is none, though it can be iterated. */
export type SseSource =
  | AsyncIterable<SourceItem>
  | (Iterable<SourceItem> & object)
  | PushSource
  | ReadableStream<SourceItem>
  | NodeJS.ReadableStream
  | ObservableLike<SourceItem>;

/** A source that is made ready for a connection: one to pull from, or one that pushes. */
export type Producer = PullProducer | PushProducer;

/** A source that is asked for each event. */
export interface PullProducer {
  readonly iterator: SourceIterator;
  /** Frees at once what the iterator's `return()` can't free while a `next()` waits; called before it. */
  readonly release?: () => void;
}

/** A source that is tied to its connection and sends when it likes. */
export interface PushProducer {
  readonly push: PushSource;
}

/**
 * Makes a source ready. Nothing of it runs yet; a web stream is locked.
 *
 * @param where - who returned it, for the message
 * @throws SluiceError `ERR_SOURCE` when the value is no source
 */
export function toProducer(source: unknown, where: string): Producer {
  if (typeof source === "object" && source !== null) {
    const push = pushSourceOf(source);
    if (push !== undefined) return { push };
    if (source instanceof ReadableStream) return fromWebStream(source, where);
    if (Symbol.asyncIterator in source) {
      return fromAsyncIterable(source as AsyncIterable<SourceItem>);
    }
    if (Symbol.iterator in source) {
      return { iterator: (source as Iterable<SourceItem>)[Symbol.iterator]() };
    }
  }
  throw new SluiceError(
    "ERR_SOURCE",
    `${where} returned ${describe(source)}, which is no source of events. Return an iterable (write \`async *\`), an SseStream, a readable stream or an observable.`,
  );
}

/**
 * A value as a source that pushes: it is one, or it is an observable. What can be iterated too is
 * pulled, which slows it down for a slow client. Undefined for anything else; nothing of it runs.
 */
export function pushSourceOf(source: unknown): PushSource | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  if (ATTACH in source) return source as PushSource;
  if (Symbol.asyncIterator in source || Symbol.iterator in source) return undefined;
  const observable = observableOf(source);
  return observable && fromObservable(observable);
}

/**
 * Reads any source as an iterator, for code that wraps sources. Its `return()` acts at once where
 * the source allows it; an iterator can't be told why, so that a source that pushes then closes as
 * it does for a client that left, and has its own limits only, not the route's. Where that matters,
 * `mapEvents` wraps without reading.
 *
 * @throws SluiceError `ERR_SOURCE` when the value is no source; what a source that pushes throws in
 * place of a stream
 */
export function iterate(source: SseSource): SourceIterator {
  const producer = toProducer(source, "The wrapped handler");
  if ("push" in producer) return new PushIterator(producer.push);
  const { iterator, release } = producer;
  if (release === undefined) return iterator;
  return {
    next: async () => iterator.next(),
    return: async () => {
      release();
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
}

function fromWebStream(stream: ReadableStream<SourceItem>, where: string): PullProducer {
  if (stream.locked) {
    throw new SluiceError(
      "ERR_SOURCE",
      `${where} returned a ReadableStream that something else reads already. Return one that is not locked, or one half of its tee().`,
    );
  }
  return { iterator: iterateWebStream(stream) };
}

function fromAsyncIterable(source: AsyncIterable<SourceItem>): PullProducer {
  return isNodeStream(source)
    ? iterateNodeStream(source)
    : { iterator: source[Symbol.asyncIterator]() };
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? `an object of class ${name}` : "an object";
}
