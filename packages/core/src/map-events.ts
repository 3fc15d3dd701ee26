import { normalize, type SseEvent, type SseYield } from "@sluice/protocol";
import { Frame } from "./frame.js";
import { iterate, type SourceItem, type SourceIterator, type SseSource } from "./source.js";

/** What to send in place of an event; undefined drops it. */
export type EventMapper = (
  event: SseEvent,
) => SourceItem | undefined | Promise<SourceItem | undefined>;

/**
 * Maps each event of a source, whatever kind of source it is. Data that was yielded alone arrives
 * as `{ data }`.
 *
 * @param source - what a handler returned
 * @param map - gives the event to send in its place; undefined sends none
 * @throws SluiceError `ERR_SOURCE` when the value is no source
 */
export function mapEvents(source: SseSource, map: EventMapper): AsyncIterable<SourceItem> {
  return { [Symbol.asyncIterator]: () => new MappedIterator(iterate(source), map) };
}

/** Not a generator: its `return()` must reach the source even while `next()` waits. */
class MappedIterator implements AsyncIterator<SourceItem, undefined> {
  readonly #source: SourceIterator;
  readonly #map: EventMapper;

  constructor(source: SourceIterator, map: EventMapper) {
    this.#source = source;
    this.#map = map;
  }

  async next(): Promise<IteratorResult<SourceItem, undefined>> {
    for (;;) {
      const step = await this.#source.next();
      if (step.done) return { done: true, value: undefined };
      const event =
        step.value instanceof Frame ? step.value.event : normalize(step.value as SseYield);
      const mapped = await this.#map(event);
      if (mapped !== undefined) return { done: false, value: mapped };
    }
  }

  async return(): Promise<IteratorResult<SourceItem, undefined>> {
    const step = await this.#source.return?.();
    return step === undefined || step.done
      ? { done: true, value: undefined }
      : { done: false, value: step.value };
  }
}
