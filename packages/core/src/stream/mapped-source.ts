import type { Outcome, SseEvent } from "@sluice/protocol";
import { Batch } from "../channel/batch.js";
import type { CloseReason } from "../close-reason.js";
import { Frame } from "../frame.js";
import type { EventMapper } from "../map-events.js";
import { isPromise } from "../pipeline/is-promise.js";
import type { SourceItem } from "../source.js";
import { ATTACH, type Attachment, type PushSource, type Sink } from "./push-source.js";
import { Queue } from "./queue.js";

/**
 * A source that pushes, with its events mapped on their way to the connection. All else passes
 * through: the connection's limits, its drains and the reason of its close.
 */
export function mapPushSource(source: PushSource, map: EventMapper): PushSource {
  return { [ATTACH]: (sink) => new MappedAttachment(source, map, sink) };
}

/** Stands between a source, to which it is the connection, and the connection. */
class MappedAttachment implements Sink, Attachment {
  readonly #map: EventMapper;
  readonly #sink: Sink;
  readonly #source: Attachment;
  /** What the source wrote while an event was being mapped, although it was asked to wait. */
  readonly #held = new Queue<SseEvent | Frame>();
  /** How much of that came in batches. */
  #heldBytes = 0;
  #mapping = false;
  /** The connection takes the next event now. */
  #ready = false;
  /** Tells the connection of the source's end, once all is mapped. */
  #tellEnd: (() => void) | undefined;
  #closed = false;

  /** @throws what the source throws in place of a stream */
  constructor(source: PushSource, map: EventMapper, sink: Sink) {
    this.#map = map;
    this.#sink = sink;
    this.#source = source[ATTACH](this);
  }

  get limits(): Sink["limits"] {
    return this.#sink.limits;
  }

  get isClosed(): boolean {
    return this.#sink.isClosed;
  }

  get lastEventId(): string | undefined {
    return this.#sink.lastEventId;
  }

  get context(): Sink["context"] {
    return this.#sink.context;
  }

  opening(within: number): Promise<void> | undefined {
    return this.#source.opening?.(within);
  }

  /** While a mapper's promise is awaited the source waits too, so that its own bound holds. */
  write(event: SseEvent): boolean {
    this.#held.push(event);
    this.#run();
    return this.#takesMore();
  }

  writeBatch(batch: Batch): number {
    for (const frame of batch.frames) {
      this.#held.push(frame);
      this.#heldBytes += frame.text.length;
    }
    this.#run();
    return this.#takesMore() ? 0 : this.#heldBytes + 1;
  }

  complete(outcome?: Outcome): void {
    this.#tellEnd = () => this.#sink.complete(outcome);
    this.#run();
  }

  interrupt(): void {
    this.#tellEnd = () => {
      if (this.#sink.interrupt === undefined) this.#sink.complete("failed");
      else this.#sink.interrupt();
    };
    this.#run();
  }

  fail(error: unknown): void {
    this.#tellEnd = () => this.#sink.fail(error);
    this.#run();
  }

  overflow(): void {
    if (!this.#closed) this.#sink.overflow();
  }

  tally(what: "dropped" | "replayed" | "reset", count: number): void {
    this.#sink.tally(what, count);
  }

  report(error: unknown): void {
    this.#sink.report(error);
  }

  drained(): void {
    this.#ready = true;
    if (this.#takesMore()) this.#source.drained();
  }

  closed(reason: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#held.clear();
    this.#source.closed(reason);
  }

  #takesMore(): boolean {
    return this.#ready && !this.#mapping && !this.#closed;
  }

  /** Maps what is there, one after the other, and then tells the end if it has come. */
  #run(): void {
    while (!this.#mapping && !this.#closed) {
      const event = this.#held.shift();
      if (event === undefined) {
        const tellEnd = this.#tellEnd;
        this.#tellEnd = undefined;
        tellEnd?.();
        return;
      }
      if (event instanceof Frame) this.#heldBytes -= event.text.length;
      if (event instanceof Frame && event.isControl) this.#pass(event);
      else this.#take(event instanceof Frame ? event.event : event);
    }
  }

  /** What Sluice itself says is not mapped. */
  #pass(frame: Frame): void {
    const waiting = this.#sink.writeBatch(Batch.ofFrames([frame], frame.event.id ?? ""));
    this.#ready = waiting === 0;
  }

  #take(event: SseEvent): void {
    this.#mapping = true;
    try {
      const mapped = this.#map(event);
      if (isPromise(mapped)) void this.#deliverLater(mapped);
      else this.#deliver(mapped);
    } catch (error) {
      this.#abandon(error);
    }
  }

  async #deliverLater(mapped: PromiseLike<SourceItem | undefined>): Promise<void> {
    try {
      this.#deliver(await mapped);
    } catch (error) {
      this.#abandon(error);
    }
    this.#run();
    if (this.#takesMore()) this.#source.drained();
  }

  /** @throws SseEncodeError */
  #deliver(item: SourceItem | undefined): void {
    if (item !== undefined && !this.#closed) {
      const { event, text } = item instanceof Frame ? item : Frame.of(item);
      this.#ready = false;
      // The connection may drain, or close, before this returns.
      if (this.#sink.write(event, text)) this.#ready = true;
    }
    this.#mapping = false;
  }

  /** The mapper failed: as with a source that throws, nothing more goes out. */
  #abandon(error: unknown): void {
    // Work that failed because its client has left is no news.
    if (this.#closed) return;
    this.#closed = true;
    this.#held.clear();
    // The connection's own clean-up comes first.
    this.#sink.fail(error);
    this.#source.closed("error");
  }
}
