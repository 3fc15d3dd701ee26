import {
  type EventIn,
  type EventMap,
  MAX_LAST_EVENT_ID_BYTES,
  type Outcome,
} from "@sluice/protocol";
import type { Frame } from "../frame.js";
import type { Context } from "../pipeline/context.js";
import { isPromise } from "../pipeline/is-promise.js";
import type { Attachment, Outlet, Sink } from "../stream/push-source.js";
import { Batch } from "./batch.js";
import type { StateReader } from "./channel-options.js";
import { ControlFrame } from "./control-frame.js";
import type { Gap } from "./feed.js";
import type { Hub } from "./hub.js";
import type { Member } from "./member.js";
import type { SharedPage } from "./page-cache.js";
import { Sieve } from "./sieve.js";
import { stateFrame } from "./state-frame.js";
import type { ReaderSettings } from "./subscribe-options.js";

/**
 * - `idle`: the head is not out.
 * - `waiting`: for the broker, or the application.
 * - `reading`: goes through the history, and may wait for the client to take it.
 * - `flowing`: the hub has it.
 * - `ended`: nothing more is written.
 */
type State = "idle" | "waiting" | "reading" | "flowing" | "ended";

/** One connection's place in a channel: it joins, reads what it missed, and flows with the others. */
export class Reader implements Attachment, Member, Outlet {
  at = -1;
  stalledAt = 0;
  outlet: Outlet = this;
  /** How many events the others had been sent when it began to keep up. */
  #writtenBefore = 0;
  #acquire: (() => Hub) | undefined;
  readonly #settings: ReaderSettings;
  readonly #sink: Sink;
  readonly #sieve: Sieve | undefined;
  #hub: Hub | undefined;
  #state: State = "idle";
  #context: Context | undefined;
  #onAbort: (() => void) | undefined;
  /** The client has everything up to here. */
  #cursor = "";
  /** The client has not taken what was written. */
  #full = false;
  /** What it misses is left out as soon as it takes something again. */
  #mustSkip = false;

  /** @param acquire - gives the hub, when the flow starts */
  constructor(acquire: () => Hub, settings: ReaderSettings, sink: Sink) {
    this.#acquire = acquire;
    this.#settings = settings;
    this.#sink = sink;
    this.#sieve = settings.filter && new Sieve(settings.filter, settings.kept);
  }

  get maxBufferedBytes(): number {
    return this.#settings.flow.maxBufferedBytes;
  }

  get stallTimeout(): number {
    return this.#settings.flow.stallTimeout;
  }

  drained(): void {
    if (this.#hasEnded()) return;
    this.#full = false;
    if (this.#state === "idle") this.#start();
    else if (this.#mustSkip && this.#state !== "waiting") this.#skip();
    else if (this.#state === "reading") {
      this.#hub!.hold(this);
      this.#readOn();
    } else if (this.#state === "flowing") this.#hub!.catchUp(this);
  }

  closed(): void {
    this.#state = "ended";
    if (this.#onAbort !== undefined)
      this.#settings.signal?.removeEventListener("abort", this.#onAbort);
    const hub = this.#hub;
    this.#hub = undefined;
    hub?.leave(this);
  }

  write(batch: Batch): number {
    if (this.#sieve === undefined) return this.#write(batch);
    try {
      const passed = this.#sieve.sift(batch);
      return passed === undefined ? 0 : this.#write(passed);
    } catch (error) {
      this.fail(error);
      return 0;
    }
  }

  /** The outlet of one with a filter, and of one that has not been written to yet. */
  writeBatch(batch: Batch): number {
    const waiting = this.write(batch);
    if (this.#state === "flowing" && this.#shortest !== this) this.#hub!.renew(this);
    return waiting;
  }

  flow(written: number): void {
    this.outlet = this.#shortest;
    this.#writtenBefore = written;
  }

  flowed(written: number, lastId: string): void {
    const events = written - this.#writtenBefore;
    // What was written here is counted by the sink.
    if (this.outlet !== this && events > 0) this.#sink.flowed?.(events, lastId);
  }

  filled(): void {
    this.#full = true;
    if (this.outlet !== this) this.#sink.awaitDrain?.();
  }

  overflow(): void {
    if (this.#settings.flow.overflow === "disconnect") {
      this.#stop();
      this.#sink.overflow();
    } else if (this.#full) {
      this.#mustSkip = true;
      this.stalledAt = performance.now();
    } else this.#skip();
  }

  lost(gap: Gap): void {
    // In other states, what is read next shows it.
    if (this.#state === "flowing") this.#tellGap(gap);
  }

  complete(outcome?: Outcome): void {
    if (this.#hasEnded()) return;
    this.#stop();
    this.#sink.complete(outcome);
  }

  fail(error: unknown): void {
    if (this.#hasEnded()) return;
    this.#stop();
    this.#sink.fail(error);
  }

  report(error: unknown): void {
    this.#sink.report(error);
  }

  #start(): void {
    const { signal, snapshot, onResync } = this.#settings;
    if (signal?.aborted) return this.complete();
    // The connection lets it go after this.
    if (snapshot !== undefined || onResync !== undefined) this.#context = this.#sink.context;
    if (signal !== undefined) {
      this.#onAbort = () => this.complete();
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
    this.#state = "waiting";
    this.#then(
      () => {
        this.#hub = this.#acquire!();
        this.#acquire = undefined;
        this.#hub.add(this);
        return this.#hub.open();
      },
      () => this.#join(this.#hub!),
    );
  }

  #join(hub: Hub): void {
    const cursor = this.#settings.lastEventId ?? this.#sink.lastEventId;
    if (cursor === undefined || cursor === "") return this.#joinNew(hub);
    if (cursor.length <= MAX_LAST_EVENT_ID_BYTES) return this.#goOn(cursor);
    const { channels } = hub.feed;
    this.#tellGap({ channels, reason: "malformed", position: hub.position });
  }

  #joinNew(hub: Hub): void {
    const { position } = hub;
    const { snapshot, last } = this.#settings;
    if (snapshot !== undefined) this.#ask(snapshot, position, undefined);
    else if (last > 0)
      this.#then(
        () => hub.feed.rewind(last, position, hub.feed.channels),
        (from) => this.#tell(from, undefined, undefined),
      );
    else this.#tell(position, undefined, undefined);
  }

  /** Goes on after a cursor, whatever it is. */
  #goOn(cursor: string): void {
    if (this.#hasEnded()) return;
    this.at = -1;
    this.#cursor = cursor;
    this.#state = "reading";
    this.#readOn();
  }

  /** Writes what was missed, page by page, until the hub's ring reaches it. */
  #readOn(): void {
    while (this.#state === "reading") {
      const hub = this.#hub!;
      if (this.#full) return hub.watch(this);
      const number = hub.find(this.#cursor);
      // What was flushed by that may have closed it.
      if (this.#state !== "reading") return;
      if (number !== undefined && hub.isNear(this, number)) {
        this.#state = "flowing";
        const missed = hub.countAfter(number);
        if (missed > 0) this.#sink.tally("replayed", missed);
        return hub.enter(this, number);
      }
      const page = this.#readPage(hub);
      if (page === undefined) return;
      if (isPromise(page)) {
        this.#state = "waiting";
        void this.#goOnLater(page, (read) => {
          this.#state = "reading";
          this.#take(read);
          this.#readOn();
        });
        return;
      }
      this.#take(page);
    }
  }

  #readPage(hub: Hub): SharedPage | Promise<SharedPage> | undefined {
    try {
      return hub.read(this.#cursor);
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  #take({ gap, next, begins, batch }: SharedPage): void {
    if (gap !== undefined) return this.#tellGap(gap);
    this.#cursor = next;
    if (begins) this.#tellPosition(next);
    if (batch === undefined) return;
    this.#sink.tally("replayed", batch.size);
    this.write(batch);
  }

  /** Leaves out what it misses. */
  #skip(): void {
    const hub = this.#hub!;
    if (this.at >= 0) {
      const gap = hub.skip(this, this.#settings.flow.overflow === "latest" ? 1 : 0);
      if (gap.skipped !== 0) return this.#tellGap(gap);
      // It was only slow.
      this.#mustSkip = false;
      hub.hold(this);
      return this.#goOn(gap.position);
    }
    const { channels } = hub.feed;
    this.#tellGap({ channels, reason: "skipped", position: hub.position });
  }

  #tellGap(gap: Gap): void {
    if (this.#hasEnded()) return;
    const { snapshot, onResync = snapshot } = this.#settings;
    const hub = this.#hub!;
    this.#sink.tally("reset", 1);
    if (gap.skipped !== undefined) this.#sink.tally("dropped", gap.skipped);
    hub.hold(this);
    this.at = -1;
    this.#mustSkip = false;
    this.#state = "waiting";
    if (onResync !== undefined) return this.#ask(onResync, gap.position, gap);
    const count = this.#countAfter(gap);
    if (count === 0) return this.#tell(gap.position, gap, undefined);
    this.#then(
      () => hub.feed.rewind(count, gap.position, gap.channels),
      (from) => this.#tell(from, gap, undefined),
    );
  }

  /** How many events of the past follow a gap, where the application gives no state. */
  #countAfter({ reason, skipped }: Gap): number {
    const { flow, last } = this.#settings;
    // What was skipped in the ring leaves the newest event out already.
    if (skipped !== undefined) return 0;
    if (flow.overflow === "latest") return 1;
    // Who was connected has had them.
    return reason === "lost" || reason === "skipped" ? 0 : last;
  }

  /** Asks the application for the event that brings the client up to date. */
  #ask(read: StateReader<EventMap>, position: string, gap: Gap | undefined): void {
    if (this.#hasEnded()) return;
    this.#state = "waiting";
    this.#then(
      () => read(this.#context, position),
      (event) => this.#tell(position, gap, event),
    );
  }

  /** Both in one write: a client that has the reset's id must not lack what belongs to it. */
  #tell(position: string, gap: Gap | undefined, state: EventIn<EventMap> | undefined): void {
    const frames: Frame[] = [];
    if (gap !== undefined) frames.push(ControlFrame.reset({ ...gap, position }));
    if (state !== undefined) frames.push(stateFrame(state, position));
    // Who gets nothing at first must know the position too, to come back without loss.
    if (frames.length === 0) frames.push(ControlFrame.position(position));
    this.#write(Batch.ofFrames(frames, position));
    this.#goOn(position);
  }

  #write(batch: Batch): number {
    // A filter, or what others were sent, may have ended it.
    if (this.#hasEnded()) return 0;
    const waiting = this.#sink.writeBatch(batch);
    if (waiting > 0) this.#full = true;
    return waiting;
  }

  #tellPosition(position: string): number {
    return this.#write(Batch.ofFrames([ControlFrame.position(position)], position));
  }

  /** Goes on with what a call gives, at once if it is there; an error ends the connection. */
  #then<T>(call: () => T | PromiseLike<T>, next: (result: T) => void): void {
    try {
      const result = call();
      if (isPromise(result)) void this.#goOnLater(result, next);
      else if (!this.#hasEnded()) next(result);
    } catch (error) {
      this.fail(error);
    }
  }

  async #goOnLater<T>(result: PromiseLike<T>, next: (result: T) => void): Promise<void> {
    try {
      const value = await result;
      if (!this.#hasEnded()) next(value);
    } catch (error) {
      this.fail(error);
    }
  }

  get #shortest(): Outlet {
    return this.#sieve === undefined ? (this.#sink.outlet ?? this) : this;
  }

  #hasEnded(): boolean {
    return this.#state === "ended";
  }

  #stop(): void {
    this.#state = "ended";
    this.#hub?.hold(this);
  }
}
