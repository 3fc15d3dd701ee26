import type { Reset, ResetReason } from "@sluice/core";
import type { WireEvent } from "./event-stream.js";
import type { Truth } from "./truth.js";

/** What clients have seen, and what they should not have seen, over all of them. */
export class Testimony {
  events = 0;
  lost = 0;
  doubled = 0;
  /** Resets that were told, by reason. */
  readonly resets = new Map<ResetReason, number>();
  /** What is wrong beside losses and doubles, the first of them in full. */
  readonly faults: string[] = [];
  faultCount = 0;

  fault(what: string): void {
    if (++this.faultCount <= 20) this.faults.push(what);
  }
}

/** What a client listens to. */
export interface Subject {
  readonly channels: readonly string[];
  /** Whether resets for slowness are to be expected. */
  readonly maySkip: boolean;
  readonly passes: (data: string) => boolean;
}

/** What all witnesses share. */
export interface WitnessSurroundings {
  readonly truth: Truth;
  readonly testimony: Testimony;
  /** How many events of each channel are kept at least. */
  readonly historyCount: number;
  /** Events may be lost between the broker and the channels, so that they are gone when it shows. */
  readonly mayFail: boolean;
}

/** What a client comes with. */
export type Cursor =
  /** None, or one that it has from this subject or another: what it knows is told by its parts. */
  | { readonly id: string | undefined; readonly refusal?: undefined }
  /** One that can't be resumed, for the reason that has to be told. */
  | { readonly id: string; readonly refusal: ResetReason };

/**
 * Follows what one client receives. It knows what every channel holds, so each event must be the next
 * one of its channel, unless a reset has told otherwise.
 */
export class Witness {
  /** The number of the last event that the client has, or has been told to do without. */
  readonly #at = new Map<string, number>();
  readonly #truth: Truth;
  readonly #subject: Subject;
  readonly #testimony: Testimony;
  readonly #surroundings: WitnessSurroundings;
  /** What the first event has to be. */
  #first: "position" | ResetReason | undefined;

  constructor(surroundings: WitnessSurroundings, subject: Subject, cursor: Cursor) {
    this.#truth = surroundings.truth;
    this.#testimony = surroundings.testimony;
    this.#surroundings = surroundings;
    this.#subject = subject;
    this.#first = cursor.id === undefined ? "position" : cursor.refusal;
    if (cursor.id === undefined || cursor.refusal !== undefined) return;
    for (const [channel, index] of this.#places(cursor.id) ?? []) this.#at.set(channel, index);
  }

  /** Whether the client has everything that is stored. */
  get isUpToDate(): boolean {
    return this.#subject.channels.every((channel) => {
      const at = this.#at.get(channel);
      return at !== undefined && this.#missing(channel, at, this.#truth.head(channel)) === 0;
    });
  }

  /** The channels of which something is missing, for a message. */
  get behind(): string {
    const { channels } = this.#subject;
    const states = channels.map(
      (channel) => `${channel} ${this.#at.get(channel) ?? "?"}/${this.#truth.head(channel)}`,
    );
    return states.join(", ");
  }

  take(event: WireEvent): void {
    this.#testimony.events++;
    const first = this.#first;
    this.#first = undefined;
    const places = this.#places(event.id);
    if (places === undefined) return this.#fault(`${event.event} has the strange id ${event.id}`);
    if (event.event === "sluice.reset") this.#takeReset(event, places, first);
    else {
      const isPosition = event.event === "sluice.position";
      if (first !== undefined && !(first === "position" && isPosition))
        this.#fault(`${first} was not told, but ${event.event} ${event.id} came`);
      if (isPosition) for (const [name, index] of places) this.#stay(name, index, "a position");
      else this.#takeData(event, places);
    }
  }

  #takeData({ id, data }: WireEvent, places: ReadonlyMap<string, number>): void {
    const { channel } = JSON.parse(data) as { channel: string };
    for (const [name, index] of places) {
      if (name === channel) this.#step(name, index);
      else this.#stay(name, index, `an event of ${channel}`);
    }
    const stored = this.#truth.of(channel)[places.get(channel) ?? -1];
    if (stored?.data !== data) this.#fault(`${id} came with the data of another event`);
  }

  #takeReset(
    { data }: WireEvent,
    places: ReadonlyMap<string, number>,
    first: "position" | ResetReason | undefined,
  ): void {
    const reset = JSON.parse(data) as Reset;
    const { reason, channels } = reset;
    this.#testimony.resets.set(reason, (this.#testimony.resets.get(reason) ?? 0) + 1);
    if (!this.#isDue(reason, channels, first)) this.#fault(`a reset that is not due: ${data}`);
    let jump = 0;
    for (const [channel, index] of places) {
      const at = this.#at.get(channel);
      if (!channels.includes(channel)) this.#stay(channel, index, `the reset ${data}`);
      else if (at !== undefined) {
        jump += index - at;
        if (index < at) this.#fault(`a reset goes back in ${channel}, from ${at} to ${index}`);
      }
      this.#at.set(channel, index);
    }
    if (reset.skipped !== undefined && reset.skipped !== jump)
      this.#fault(`a reset tells of ${reset.skipped} skipped, but ${jump} were`);
  }

  #isDue(
    reason: ResetReason,
    channels: readonly string[],
    first: "position" | ResetReason | undefined,
  ): boolean {
    if (reason === "skipped") return this.#subject.maySkip;
    if (reason === "lost") return this.#surroundings.mayFail;
    if (reason !== "trimmed") return reason === first;
    return channels.some((channel) => {
      const at = this.#at.get(channel);
      return at !== undefined && this.#truth.head(channel) - at > this.#surroundings.historyCount;
    });
  }

  /** An event has come: it must be the next one. */
  #step(channel: string, index: number): void {
    const at = this.#at.get(channel) ?? index - 1;
    if (index <= at) this.#testimony.doubled++;
    else this.#lose(channel, at, index - 1, "an event");
    this.#at.set(channel, Math.max(at, index));
  }

  /** The client is told where it is in a channel: nothing may be missing up to there. */
  #stay(channel: string, index: number, by: string): void {
    const at = this.#at.get(channel) ?? index;
    if (index < at) this.#fault(`the position in ${channel} goes back, from ${at} to ${index}`);
    this.#lose(channel, at, index, by);
    this.#at.set(channel, index);
  }

  #lose(channel: string, after: number, through: number, by: string): void {
    const missing = this.#missing(channel, after, through);
    this.#testimony.lost += missing;
    if (missing > 0) this.#fault(`${missing} of ${channel} are lost after ${after}, before ${by}`);
  }

  /** How many events after one, up to another, are missing that should have come. */
  #missing(channel: string, after: number, through: number): number {
    const between = this.#truth.of(channel).slice(after + 1, through + 1);
    return between.filter(({ data }) => this.#subject.passes(data)).length;
  }

  /** Where an id stands in each channel of the subject; undefined when it is no id of an event. */
  #places(id: string): Map<string, number> | undefined {
    const places = new Map<string, number>();
    for (const part of id.startsWith("m1~") ? id.slice(3).split("~") : [id]) {
      const place = this.#truth.place(part.slice(part.indexOf(":") + 1));
      if (place === undefined) return undefined;
      if (this.#subject.channels.includes(place.channel)) places.set(place.channel, place.index);
    }
    return places;
  }

  #fault(what: string): void {
    this.#testimony.fault(`${this.#subject.channels.join("+")}: ${what}`);
  }
}
