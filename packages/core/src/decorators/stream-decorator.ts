import type { EncodedEvent } from "@sluice/protocol";
import type { SourceItem, SseSource } from "../source.js";

/**
 * A decorator of methods that return a source of events, or a promise of one, which tsc checks. What
 * `any` and iterables of `unknown` hold is only seen when it is sent.
 */
export type StreamDecorator = <H>(
  target: Owner<H>,
  method: string | symbol,
  descriptor: Descriptor<H>,
) => void;

/** A method's descriptor, to infer the method from. */
interface Descriptor<H> {
  value?: H | undefined;
}

/** What has the method. Nothing fits where the method returns no source: messages name the reason. */
type Owner<H> = H extends StreamHandler
  ? object
  : H extends (...args: never[]) => infer R
    ? Unfit<Exclude<Awaited<R>, SseSource>>
    : object;

type StreamHandler = (...args: never[]) => Streamed | PromiseLike<Streamed>;

/** A frame of which the return type says no more than that it is encoded is one, too. */
type Streamed = SseSource | AsyncIterable<SourceItem | EncodedEvent>;

type Unfit<R> = R extends string
  ? NotASource<R>
  : R extends AsyncIterable<infer E> | Iterable<infer E>
    ? unknown extends E
      ? object
      : NotAnEvent<Exclude<E, SourceItem>>
    : NotASource<R>;

interface NotASource<R> {
  "The method must return a source of events: an async generator, an SseStream, a stream or an observable": R;
}

interface NotAnEvent<E> {
  "What is yielded must be an event, such as { data: ... }, or be data: a string, number, boolean, null or array": E;
}
