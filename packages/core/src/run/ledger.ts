import type { Outcome } from "@sluice/protocol";
import type { Follower, HistoryBounds } from "../channel/broker.js";
import type { Channel } from "../channel/channel.js";
import type { Channels } from "../channel/channels.js";
import { endText } from "../channel/outcome.js";
import { SluiceError } from "../errors.js";
import { type Attempt, attemptOf, nextAttempt, noteOf, sealOf } from "./attempt.js";
import { MemoryRunStore } from "./memory-run-store.js";
import type { RunSettings, RunsSettings } from "./run-options.js";
import { channelOf, type RunPlace } from "./run-place.js";
import { outcomeOf, standing } from "./run-outcome.js";
import type { FinalRunState, Renewal, RunRecord, RunStore } from "./run-store.js";

/** A run bounds itself; its channel must keep all of it, whoever publishes to it. */
const ALL = 1_000_000_000_000;

/** How much longer a channel is kept than its run, in milliseconds: for slow clients, and clocks that differ. */
const MARGIN = 60_000;

/** The longest age of a history, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

const DEAF: Follower = { deliver: () => undefined, reached: () => undefined };

/** A run that has been claimed. */
export interface Claim {
  readonly attempt: Attempt;
  readonly channel: Channel;
}

/** What is written down of runs: who runs what, in the store, and what comes of it, in channels. */
export class Ledger {
  readonly #channels: Channels;
  readonly #store: RunStore;
  readonly #lease: number;

  constructor(channels: Channels, { store, lease }: RunsSettings) {
    const shared = store ?? channels.broker.runs;
    this.#channels = channels;
    this.#store = shared ?? new MemoryRunStore();
    // Nobody could take over what only this process knows of, however long it is busy.
    this.#lease = shared === undefined ? Infinity : lease;
  }

  /** How often a lease is renewed, in milliseconds; undefined for never. */
  get beat(): number | undefined {
    return this.#lease === Infinity ? undefined : Math.floor(this.#lease / 3);
  }

  find({ id }: RunPlace): RunRecord | undefined | Promise<RunRecord | undefined> {
    return this.#store.find(id);
  }

  /**
   * Begins a run.
   *
   * @param before - the attempt that it follows
   * @returns undefined when another has been faster
   */
  async claim(
    place: RunPlace,
    before: RunRecord | undefined,
    settings: RunSettings,
  ): Promise<Claim | undefined> {
    const attempt = nextAttempt(before, settings);
    const age = settings.maxDuration + settings.keep;
    const channel = this.#channel(channelOf(place, attempt.name), age);
    return (await this.#claim(place, before, attempt, channel)) ? { attempt, channel } : undefined;
  }

  /** Takes a claim back that nothing has come of. */
  async withdraw(place: RunPlace, { attempt, channel }: Claim): Promise<void> {
    await this.endChannel(channel.name, "failed", 0, 0);
    await this.#refuse(place, attempt);
  }

  /**
   * Sees to it that nobody starts anew what has failed, by an attempt that is cancelled at once.
   *
   * @returns false when another has been faster
   */
  async seal(place: RunPlace, before: RunRecord): Promise<boolean> {
    const attempt = sealOf(before);
    const { keep } = attempt;
    const channel = this.#channel(channelOf(place, attempt.name), keep);
    if (!(await this.#claim(place, before, attempt, channel))) return false;
    await this.endChannel(channel.name, "cancelled", 0, keep);
    return this.finish(place, attempt.name, { state: "cancelled", events: 0 }, keep);
  }

  renew({ id }: RunPlace, attempt: string): Renewal | Promise<Renewal> {
    return this.#store.renew(id, attempt, this.#lease);
  }

  watch({ id }: RunPlace, attempt: string): boolean | Promise<boolean> {
    return this.#store.watch(id, attempt, this.#lease);
  }

  finish(
    { id }: RunPlace,
    attempt: string,
    ended: { readonly state: FinalRunState; readonly events: number },
    keep: number,
  ): boolean | Promise<boolean> {
    return this.#store.finish(id, attempt, ended, keep);
  }

  /**
   * @param elapsed - how long ago the run began, in milliseconds
   * @returns how it had been ended before, which counts; undefined where this has ended it
   */
  async endChannel(
    name: string,
    outcome: Outcome,
    elapsed: number,
    keep: number,
  ): Promise<Outcome | undefined> {
    const { broker } = this.#channels;
    const history = wholeFor(Math.max(0, elapsed) + keep);
    try {
      await broker.publish({ channel: name, history, kind: "end", text: endText(outcome) });
      return undefined;
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === "ERR_CHANNEL_ENDED")) throw error;
      return (await this.#outcomeOf(name)) ?? outcome;
    }
  }

  /**
   * Ends a run from without: first its channel, so that whoever runs it can't go on, and then the rest.
   *
   * @returns whether that has ended it; false when it had ended already
   */
  async bury(place: RunPlace, record: RunRecord, state: "cancelled" | "lost"): Promise<boolean> {
    const { attempt, channel, started } = record;
    const { keep } = attemptOf(record);
    const elapsed = Date.now() - started;
    const before = await this.endChannel(channel, outcomeOf(state), elapsed, keep);
    const ended = { state: standing(state, before), events: 0 };
    const isFinished = await this.#store.finish(place.id, attempt, ended, keep);
    // Whoever runs it may have learned of its end, and stored it, before this could.
    return before === undefined || (isFinished && ended.state === state);
  }

  /** The channel of a run that another process runs, or that has ended. */
  follow(channel: string): Channel {
    return this.#channel(channel, LONGEST);
  }

  /**
   * Waits until a run has had an event, or its end, or until something else has happened.
   *
   * @returns whether it has failed without an event
   */
  async awaitBeginning(channel: string, orUntil: Promise<unknown>): Promise<boolean> {
    const { broker } = this.#channels;
    let told!: () => void;
    const first = new Promise<void>((resolve) => (told = resolve));
    const following = await broker.follow(channel, { deliver: told, reached: told });
    try {
      const { position, ended } = following;
      const isNew = ended === undefined && (await broker.rewind(channel, 1, position)) === position;
      if (isNew) await Promise.race([first, orUntil]);
    } finally {
      following.stop();
    }
    return this.#hasFailedAtOnce(channel);
  }

  async #hasFailedAtOnce(channel: string): Promise<boolean> {
    const { broker } = this.#channels;
    const following = await broker.follow(channel, DEAF);
    following.stop();
    const { position, ended } = following;
    if (ended !== "failed") return false;
    // The end is an entry too, and the only one.
    const [one, two] = [1, 2].map((count) => broker.rewind(channel, count, position));
    return (await one) === (await two);
  }

  /** Whether the events of a run that has ended are still there. */
  async isKept(channel: string): Promise<boolean> {
    return (await this.#outcomeOf(channel)) !== undefined;
  }

  /** The cursor before an event. */
  before(channel: string, id: string): string | Promise<string> {
    return this.#channels.broker.rewind(channel, 1, id);
  }

  async #claim(
    place: RunPlace,
    before: RunRecord | undefined,
    attempt: Attempt,
    { name: channel }: Channel,
  ): Promise<boolean> {
    const principal = place.principal ?? "";
    const run = { attempt: attempt.name, channel, principal, note: noteOf(attempt) };
    try {
      return await this.#store.claim(place.id, run, before?.attempt, this.#lease);
    } catch (error) {
      // It may have been stored all the same, and would be in the way until its lease runs out.
      this.#refuse(place, attempt).catch(() => undefined);
      throw error;
    }
  }

  /** Ends what has not begun: the key is as it was before. */
  async #refuse({ id }: RunPlace, { name, from, keep }: Attempt): Promise<void> {
    const ended = { state: "refused", events: 0 } as const;
    await this.#store.finish(id, name, ended, from === undefined ? 0 : keep);
  }

  /** How a channel has been ended; undefined where it goes on, or is gone. */
  async #outcomeOf(channel: string): Promise<Outcome | undefined> {
    const following = await this.#channels.broker.follow(channel, DEAF);
    following.stop();
    return following.ended;
  }

  #channel(name: string, age: number): Channel {
    return this.#channels.get(name, { history: wholeFor(age) });
  }
}

/** All of a history, for a time in milliseconds. */
function wholeFor(age: number): HistoryBounds {
  return { count: ALL, bytes: ALL, age: Math.min(age + MARGIN, LONGEST) };
}
