import type { Outcome, SseEvent } from "@sluice/protocol";
import {
  ATTACH,
  type Attachment,
  type Batch,
  type ChannelOverflow,
  type CloseReason,
  type Frame,
  type PushSource,
  type Sink,
} from "../src/index.js";
import type { Place, TruthfulBroker } from "./channel-truth.js";

/** How a client listens. */
export interface ClientPlan {
  /** Sorted. */
  readonly channels: readonly string[];
  readonly overflow: ChannelOverflow;
  readonly last: number;
  /** Events whose number it divides are left out; 0 leaves out none. */
  readonly leavesOut: number;
  readonly snapshot: boolean;
  readonly onResync: boolean;
}

/** What a client is told of the world it lives in. */
export interface ClientWorld {
  readonly broker: TruthfulBroker;
  /** The broker lets nothing wait and tells everything: what may be told of a loss is known exactly. */
  readonly orderly: boolean;
  /** Nothing happens in the midst of a write. */
  readonly calm: boolean;
  /** Something happens in the midst of a write. */
  nest(): void;
  /** Resolves some time after. */
  later(what: string): Promise<void>;
  /** Takes note of a broken promise. */
  fault(what: string): void;
}

/**
 * A client that holds all it receives against what was stored: each event that it is to get comes
 * once and in order, or a reset covers it; and its ids say exactly what it has got.
 */
export class ChannelClient implements Sink {
  readonly isClosed = false;
  readonly limits = {};
  readonly context = undefined;
  readonly plan: ClientPlan;
  /** All ids it has ever seen. */
  readonly ids: string[] = [];
  lastEventId: string | undefined;
  readonly #world: ClientWorld;
  readonly #name: string;
  #attachment: Attachment | undefined;
  /** It takes nothing for the time being. */
  #stopped = false;
  #wasStopped = false;
  /** The connection would emit a drain. */
  #needsDrain = false;
  readonly #pending: Batch[] = [];
  /** Up to where it has got everything; unknown until it is told. */
  #place: Place = [];
  /** Between which numbers a channel begins for it. */
  #from: number[] = [];
  #to: number[] = [];
  /** The channels that must be reset before anything of them comes. */
  readonly #lost = new Set<number>();
  /** The id of a reset, whose state must follow at once. */
  #awaitsState: string | undefined;
  /** It came without a cursor. */
  #isFresh = true;
  #isFirst = true;
  #toldEnd: CloseReason | undefined;
  #aborted = false;

  constructor(name: string, plan: ClientPlan, world: ClientWorld) {
    this.#name = name;
    this.plan = plan;
    this.#world = world;
  }

  get isConnected(): boolean {
    return this.#attachment !== undefined;
  }

  /** The last connection was ended by the channels, or its own signal. */
  get isComplete(): boolean {
    return this.#toldEnd === "complete";
  }

  get hasAborted(): boolean {
    return this.#aborted;
  }

  connect(source: PushSource, cursor: string | undefined): void {
    const { broker } = this.#world;
    const { channels, last } = this.plan;
    this.lastEventId = cursor;
    this.#toldEnd = undefined;
    this.#aborted = false;
    this.#stopped = this.#wasStopped = this.#needsDrain = false;
    this.#pending.length = 0;
    this.#isFirst = true;
    this.#awaitsState = undefined;
    this.#lost.clear();
    const isFresh = cursor === undefined || cursor === "";
    this.#isFresh = isFresh;
    const place = isFresh ? [] : broker.place(channels, cursor);
    this.#place = place ?? [];
    if (!isFresh) {
      const known = place === undefined ? [] : this.#knownParts(cursor);
      for (const index of channels.keys()) {
        if (place === undefined || (known[index] && place[index] === undefined))
          this.#lost.add(index);
      }
    }
    const past = isFresh && !this.plan.snapshot ? last : 0;
    this.#from = channels.map((channel) => broker.before(channel, past));
    this.#to = [];
    const attachment = source[ATTACH](this);
    this.#attachment = attachment;
    attachment.drained();
    this.#to = channels.map((channel) => broker.before(channel, past));
  }

  leave(): void {
    this.#close("client");
  }

  /** From now on, what is written waits. */
  stop(): void {
    this.#stopped = this.#wasStopped = true;
  }

  /** Takes some of the batches that wait, or all and those to come. */
  take(batches = Number.POSITIVE_INFINITY): void {
    if (batches === Number.POSITIVE_INFINITY) this.#stopped = false;
    for (let n = 0; n < batches && this.#pending.length > 0; n++) {
      this.#receive(this.#pending.shift()!);
    }
    if (this.#pending.length > 0 || !this.#needsDrain) return;
    this.#needsDrain = false;
    this.#attachment?.drained();
  }

  /** The signal of its subscription is aborted. */
  noteAbort(): void {
    this.#aborted = true;
  }

  /** Looks whether there is something that it should have got by now. */
  checkUpToDate(): void {
    const { broker } = this.#world;
    if (this.#toldEnd !== undefined || !this.isConnected) return;
    if (this.plan.channels.every((channel) => broker.hasEnded(channel)))
      return this.#fault("was not told of the end");
    if (this.#isFirst && this.#lost.size > 0) return this.#fault("was not told of a loss");
    for (const [index, channel] of this.plan.channels.entries()) {
      const place = this.#place[index];
      if (place === undefined) return this.#fault(`was not told where it is in ${channel}`);
      const missing = this.#visibleBetween(index, place, broker.stored(channel).length);
      if (missing > 0) this.#fault(`misses ${missing} of ${channel} after ${place}`);
    }
  }

  write(): boolean {
    throw new Error("A channel writes batches.");
  }

  writeBatch(batch: Batch): number {
    if (this.#toldEnd !== undefined) this.#fault("was written to after the end");
    else if (!this.isConnected) this.#fault("was written to after it had left");
    if (batch.text !== batch.frames.map(({ text }) => text).join(""))
      this.#fault("got a batch that is not its frames");
    if (this.#stopped) this.#pending.push(batch);
    else this.#receive(batch);
    this.#world.nest();
    if (this.#pending.length === 0) return 0;
    this.#needsDrain = true;
    return this.#pending.reduce((bytes, { text }) => bytes + text.length, 0);
  }

  tally(): void {}

  complete(outcome?: Outcome): void {
    this.#end("complete");
    // What is in the socket still arrives.
    this.#takePending();
    if (this.#aborted) return;
    const { broker } = this.#world;
    const worst = ["failed", "cancelled"].find((one) => broker.haveEnded(this.plan.channels, one));
    if (outcome !== (worst ?? "done")) this.#fault(`was told ${String(outcome)} at the end`);
    for (const [index, channel] of this.plan.channels.entries()) {
      if (!broker.hasEnded(channel)) this.#fault(`was told the end of ${channel} too early`);
      const place = this.#placeOf(index);
      const missing = this.#visibleBetween(index, place, broker.stored(channel).length);
      if (missing > 0) this.#fault(`was told the end, but misses ${missing} of ${channel}`);
    }
  }

  fail(error: unknown): void {
    this.#end("error");
    this.#takePending();
    if (this.#world.orderly) this.#fault(`failed: ${String(error)}`);
  }

  overflow(): void {
    if (this.plan.overflow !== "disconnect") this.#fault("overflowed against its policy");
    if (!this.#mayBeSlow) this.#fault("overflowed although it took everything");
    this.#end("slow-consumer");
  }

  report(error: unknown): void {
    if (this.#world.orderly) this.#fault(`was reported ${String(error)}`);
  }

  #end(reason: CloseReason): void {
    if (this.#toldEnd !== undefined) this.#fault(`was told ${reason} after ${this.#toldEnd}`);
    this.#toldEnd = reason;
    if (reason === "error") void this.#world.later("close").then(() => this.#close(reason));
    else this.#close(reason);
  }

  #close(reason: CloseReason): void {
    const attachment = this.#attachment;
    this.#attachment = undefined;
    attachment?.closed(reason);
    if (reason !== "complete") this.#pending.length = 0;
  }

  #takePending(): void {
    for (const batch of this.#pending.splice(0)) this.#receive(batch);
  }

  #receive(batch: Batch): void {
    for (const frame of batch.frames) this.#take(frame);
    if (this.#awaitsState !== undefined) this.#fault("got a reset without the state in its batch");
    this.#awaitsState = undefined;
    if (this.lastEventId !== batch.lastId) this.#fault(`got a batch with the id ${batch.lastId}`);
  }

  #take(frame: Frame): void {
    const { event, id, data } = frame.event;
    const place = id === undefined ? undefined : this.#world.broker.place(this.plan.channels, id);
    if (id === undefined || place === undefined || place.includes(undefined))
      return this.#fault(`got the id ${String(id)}`);
    const awaited = this.#awaitsState;
    this.#awaitsState = undefined;
    if (event === "sluice.reset") this.#takeReset(id, place, data as ResetData);
    else if (event === "state") this.#takeState(id, place, data as StateData, awaited);
    else if (event === "sluice.position") this.#goTo(place);
    else this.#takeEvent(place, data as EventData);
    if (awaited !== undefined && event !== "state") this.#fault("got no state after its reset");
    this.#isFirst = false;
    this.lastEventId = id;
    this.ids.push(id);
  }

  #takeEvent(place: Place, { channel, key }: EventData): void {
    const index = this.plan.channels.indexOf(channel);
    if (index === -1) return this.#fault(`got an event of ${channel}`);
    const number = this.#world.broker.stored(channel).findIndex((entry) => entry.key === key) + 1;
    if (place[index] !== number) this.#fault(`got ${channel} ${number} with the id of another`);
    const before: Place = [...place];
    before[index] = number - 1;
    this.#goTo(before);
    this.#place[index] = number;
    if (!this.#isVisible(key)) this.#fault(`got ${channel} ${number} against its filter`);
    if (this.plan.snapshot && this.#isFirst && this.#isFresh)
      this.#fault("got an event before its snapshot");
  }

  #takeState(id: string, place: Place, { lengths }: StateData, awaited: string | undefined): void {
    if (awaited !== undefined ? awaited !== id : !(this.#isFirst && this.#isFresh))
      this.#fault("got a state that it did not need");
    for (const [index, number] of place.entries()) {
      if (number! > lengths[index]!) this.#fault("got a state that is older than its id");
    }
    this.#goTo(place);
  }

  #takeReset(id: string, place: Place, { channels, reason, skipped }: ResetData): void {
    const { overflow, onResync, snapshot } = this.plan;
    if (reason === "skipped" && (overflow === "disconnect" || !this.#mayBeSlow))
      this.#fault("was made to skip");
    if (this.#world.orderly && reason === "lost") this.#fault("was told of a loss");
    for (const [index, channel] of this.plan.channels.entries()) {
      if (!channels.includes(channel)) continue;
      const had = this.#place[index];
      if (this.#world.orderly && (reason === "trimmed" || reason === "unknown")) {
        const told = had === undefined || this.#world.broker.refuses(channel, had);
        if (!told) this.#fault(`was told that ${channel} after ${had} is ${reason}`);
      }
      const mayGoBack = overflow === "latest" || !this.#world.orderly;
      if (!mayGoBack && had !== undefined && place[index]! < had)
        this.#fault(`was sent back from ${had} to ${place[index]!} of ${channel}`);
      this.#place[index] = place[index];
      this.#lost.delete(index);
    }
    if (skipped !== undefined && skipped <= 0) this.#fault(`was told of ${skipped} skipped`);
    this.#goTo(place);
    if (onResync || snapshot) this.#awaitsState = id;
  }

  /** Everything that it is to see up to a place has come. */
  #goTo(place: Place): void {
    for (const [index, number] of place.entries()) {
      const channel = this.plan.channels[index]!;
      const had = this.#place[index];
      if (this.#lost.has(index)) this.#fault(`went on in ${channel} without a reset`);
      else if (had === undefined) this.#begin(index, number!);
      else if (number! < had) this.#fault(`went back from ${had} to ${number!} of ${channel}`);
      else if (this.#visibleBetween(index, had, number!) > 0)
        this.#fault(`went from ${had} to ${number!} of ${channel}`);
      this.#place[index] = number;
    }
  }

  /** From where on it has to get everything; where that is unknown, anywhere will do. */
  #placeOf(index: number): number {
    const place = this.#place[index];
    if (place !== undefined) return place;
    return this.#world.orderly ? (this.#to[index] ?? this.#from[index]!) : Number.MAX_SAFE_INTEGER;
  }

  /** A channel begins for it: not before what it asked for, and not after it came. */
  #begin(index: number, number: number): void {
    if (!this.#world.orderly) return;
    // Who comes in the midst of a write joins before what is published there.
    if (this.#world.calm && this.#visibleBetween(index, number, this.#from[index]!) > 0)
      this.#fault(`began too early, at ${number}`);
    // While it connects, it is not known yet how much happens meanwhile.
    const to = this.#to[index];
    if (to !== undefined && this.#visibleBetween(index, to, number) > 0)
      this.#fault(`began too late, at ${number}, but came at ${to}`);
  }

  /** A burst in the midst of a write to it can leave even a client behind that takes everything. */
  get #mayBeSlow(): boolean {
    return this.#wasStopped || !this.#world.calm;
  }

  #visibleBetween(index: number, after: number, through: number): number {
    const stored = this.#world.broker.stored(this.plan.channels[index]!);
    return stored.slice(after, through).filter(({ end, key }) => !end && this.#isVisible(key))
      .length;
  }

  #isVisible(key: number): boolean {
    const { leavesOut } = this.plan;
    return leavesOut === 0 || key % leavesOut !== 0;
  }

  /** Which of the channels a cursor knows of, rightly or not. */
  #knownParts(cursor: string): boolean[] {
    const { channels } = this.plan;
    if (channels.length === 1) return [true];
    return this.#world.broker.parts(channels, cursor).map((part) => part !== undefined);
  }

  #fault(what: string): void {
    this.#world.fault(`${this.#name} ${what}`);
  }
}

/** Which events a client's filter lets through. */
export function passes(plan: ClientPlan, { data }: Readonly<SseEvent>): boolean {
  const { key } = data as EventData;
  return plan.leavesOut === 0 || key % plan.leavesOut !== 0;
}

interface EventData {
  readonly channel: string;
  readonly key: number;
}

interface StateData {
  readonly lengths: readonly number[];
}

interface ResetData {
  readonly channels: readonly string[];
  readonly reason: string;
  readonly skipped?: number;
}
