import type { Carries, EventMap, Outcome, SseEvent } from "@sluice/protocol";
import type { Channel } from "../channel/channel.js";
import { refuseUnknown } from "../channel/channel-options.js";
import type { SubscribeOptions } from "../channel/subscribe-options.js";
import type { Attempt } from "./attempt.js";
import type { RunState } from "./run-store.js";
import type { CloseReason } from "../close-reason.js";
import type { Batch } from "../channel/batch.js";
import type { Frame } from "../frame.js";
import { PushIterator } from "../stream/push-iterator.js";
import { ATTACH, type Attachment, type PushSource, type Sink } from "../stream/push-source.js";

/** What listens to a run may say: the options of a subscription, but for where a run begins. */
export type ListenOptions<M extends EventMap = EventMap> = Omit<
  SubscribeOptions<M>,
  "last" | "snapshot" | "onResync" | "overflow"
>;

/** A run that can be listened to, whichever process it is in. */
export interface Audible {
  readonly attempt: Attempt;
  readonly state: RunState;
  readonly channel: Channel;
  /** It has ended, as far as is known here. */
  readonly isOver: boolean;
  /** The cursor before the first event, once it is known. */
  readonly beginning: string | undefined;
  /** Who is told that it has failed is to come back, for then it is started anew. */
  readonly comesBack: boolean;
  /** As `Opening.wait`. */
  opening(within: number, left: (stop: () => void) => void): Promise<void> | undefined;
  joined(): void;
  left(): void;
}

const OF_LISTENING: readonly string[] = [
  "lastEventId",
  "filter",
  "signal",
  "maxBufferedBytes",
  "stallTimeout",
] satisfies (keyof ListenOptions)[];

/** As many events as a run can have: all of them. */
const ALL = 1_000_000_000;

/**
 * A way to listen to a run, from the beginning, or from where the client was. A handler returns it; or
 * code iterates it. Each use of it is a listener of its own.
 */
export class RunSource<M extends EventMap = EventMap>
  implements PushSource, AsyncIterable<Frame<M>>
{
  readonly #run: Audible;
  readonly #options: ListenOptions<M>;

  /**
   * Made by `Runs.attach`.
   *
   * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
   */
  constructor(run: Audible, options: ListenOptions<M> = {}) {
    this.#run = run;
    this.#options = options;
    refuseUnknown("Listening to a run", options, OF_LISTENING);
    subscriptionOf(run, options, undefined);
  }

  /**
   * Resolves when the run has had its first event or its end, or when a time has passed; for adapters.
   *
   * @param within - in milliseconds
   * @throws what its handler has thrown before its first event
   */
  async begun(within: number): Promise<void> {
    await this.#run.opening(within, () => undefined);
  }

  [ATTACH](sink: Sink): Attachment {
    return new Listener(this.#run, sink, (cursor) =>
      subscriptionOf(this.#run, this.#options, cursor),
    );
  }

  /** The events as frames, and at last how the run has ended. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Frame<M>, Outcome | undefined> {
    return new PushIterator<Frame<M>>(this);
  }
}

// Carries the types of its events, for `EventsOf`.
export interface RunSource<M extends EventMap> extends Carries<M> {}

function subscriptionOf<M extends EventMap>(
  { channel, beginning }: Audible,
  options: ListenOptions<M>,
  cursor: string | undefined,
): PushSource {
  const lastEventId = options.lastEventId || cursor || beginning;
  // What can't be resumed is told, and followed by all that there is: a run is had as a whole.
  return (channel as unknown as Channel<M>).subscribe({
    ...options,
    lastEventId,
    last: ALL,
    overflow: "disconnect",
  });
}

/** One connection that listens to a run: it is counted, and passes on what the channel tells. */
class Listener implements Sink, Attachment {
  readonly #run: Audible;
  readonly #sink: Sink;
  readonly #source: Attachment;
  readonly #comesBack: boolean;
  #stopWaiting: (() => void) | undefined;
  #hasLeft = false;

  constructor(run: Audible, sink: Sink, subscribe: (cursor: string | undefined) => PushSource) {
    this.#run = run;
    this.#sink = sink;
    this.#comesBack = run.comesBack;
    this.#source = subscribe(sink.lastEventId)[ATTACH](this);
    run.joined();
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
    if (this.#hasLeft) return undefined;
    return this.#run.opening(within, (stop) => (this.#stopWaiting = stop));
  }

  drained(): void {
    this.#source.drained();
  }

  closed(reason: CloseReason): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#stopWaiting?.();
    this.#source.closed(reason);
    this.#run.left();
  }

  get outlet(): Sink["outlet"] {
    return this.#sink.outlet;
  }

  flowed(events: number, lastId: string): void {
    this.#sink.flowed?.(events, lastId);
  }

  awaitDrain(): void {
    this.#sink.awaitDrain?.();
  }

  write(event: SseEvent, text: string): boolean {
    return this.#sink.write(event, text);
  }

  writeBatch(batch: Batch): number {
    return this.#sink.writeBatch(batch);
  }

  complete(outcome?: Outcome): void {
    if (outcome === "failed" && this.#comesBack && this.#sink.interrupt !== undefined)
      this.#sink.interrupt();
    else this.#sink.complete(outcome);
  }

  fail(error: unknown): void {
    this.#sink.fail(error);
  }

  overflow(): void {
    this.#sink.overflow();
  }

  tally(what: "dropped" | "replayed" | "reset", count: number): void {
    this.#sink.tally(what, count);
  }

  report(error: unknown): void {
    this.#sink.report(error);
  }
}
