import { normalize, type SseEvent } from "@sluice/protocol";
import { SluiceError } from "./errors.js";
import { Frame } from "./frame.js";
import {
  iterate,
  pushSourceOf,
  type SourceItem,
  type SourceIterator,
  type SseSource,
} from "./source.js";
import { MAX_STOP_STEPS, stopIterator } from "./stop-iterator.js";
import { mapPushSource } from "./stream/mapped-source.js";

/**
 * What to send in place of an event; undefined drops it. The event is the source's own, which others
 * may hold too: give a new one, don't change it.
 */
export type EventMapper<R extends SourceItem | undefined = SourceItem | undefined> = (
  event: Readonly<SseEvent>,
) => R | Promise<R>;

/**
 * Maps each event of a source, whatever kind of source it is. Data that was yielded alone arrives
 * as `{ data }`, and a frame as its event. A mapper that throws ends the stream as a source that
 * throws does; the source is stopped.
 *
 * What maps a source that pushes pushes too: the route's limits hold for it, and its `onClose` hears
 * why the connection closed. While a mapper's promise is awaited, the source's buffer fills.
 *
 * @param source - what a handler returned
 * @param map - gives the event to send in its place; undefined sends none
 * @returns a source of the mapped events. Iterating it, or returning it, starts the original
 * @throws SluiceError `ERR_SOURCE`, when it is iterated and the original is no source
 */
export function mapEvents<R extends SourceItem | undefined>(
  source: SseSource,
  map: EventMapper<R>,
): AsyncIterable<Exclude<R, undefined>> {
  const iterable = { [Symbol.asyncIterator]: () => new MappedIterator(iterate(source), map) };
  const push = pushSourceOf(source);
  return push === undefined ? iterable : { ...iterable, ...mapPushSource(push, map) };
}

/** Not a generator: its `return()` must reach the source even while `next()` waits. */
class MappedIterator<R extends SourceItem | undefined> implements AsyncIterator<
  Exclude<R, undefined>,
  undefined
> {
  readonly #source: SourceIterator;
  readonly #map: EventMapper<R>;
  /** The step before, so that one that is dropped can't change the order of those that run beside it. */
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(source: SourceIterator, map: EventMapper<R>) {
    this.#source = source;
    this.#map = map;
  }

  next(): Promise<IteratorResult<Exclude<R, undefined>, undefined>> {
    const step = this.#last.then(() => this.#step());
    this.#last = step.catch(() => undefined);
    return step;
  }

  /** @throws SluiceError `ERR_SOURCE` when the source does not stop */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#ended = true;
    // Here and not by the caller: what the source yields while it stops must not go out unmapped.
    if (!(await stopIterator(this.#source))) {
      throw new SluiceError(
        "ERR_SOURCE",
        `A source of mapEvents yielded ${MAX_STOP_STEPS} times after it was stopped, and was left where it is. Take the endless loop out of its \`finally\`.`,
      );
    }
    return { done: true, value: undefined };
  }

  async #step(): Promise<IteratorResult<Exclude<R, undefined>, undefined>> {
    while (!this.#ended) {
      const step = await this.#take();
      if (step.done) this.#ended = true;
      if (this.#ended) break;
      const item = step.value as SourceItem;
      // What Sluice itself says is not mapped.
      if (item instanceof Frame && item.isControl)
        return { done: false, value: item as unknown as Exclude<R, undefined> };
      const mapped = await this.#mapped(item);
      if (this.#ended) break;
      if (mapped !== undefined) return { done: false, value: mapped as Exclude<R, undefined> };
    }
    return { done: true, value: undefined };
  }

  async #take(): Promise<IteratorResult<SourceItem, unknown>> {
    try {
      return await this.#source.next();
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }

  async #mapped(item: SourceItem): Promise<R> {
    try {
      return await this.#map(item instanceof Frame ? item.event : normalize(item));
    } catch (error) {
      // As a loop over the source would: it is stopped, and this error stands over what that throws.
      // It is not waited for, because the source may be stuck.
      if (!this.#ended) stopIterator(this.#source).catch(() => undefined);
      this.#ended = true;
      throw error;
    }
  }
}
