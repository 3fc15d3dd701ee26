import type { Outcome } from "@sluice/protocol";
import type { Follower, HistoryBounds } from "../channel/broker.js";
import type { Channel } from "../channel/channel.js";
import type { Channels } from "../channel/channels.js";
import { endText } from "../channel/outcome.js";
import { SluiceError } from "../errors.js";
import { nameAttempt } from "./attempt.js";
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
  readonly attempt: string;
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
   * @param after - the attempt that it follows
   * @returns undefined when another has been faster
   */
  async claim(
    place: RunPlace,
    after: string | undefined,
    { maxDuration, keep }: RunSettings,
  ): Promise<Claim | undefined> {
    const attempt = nameAttempt(after);
    const channel = this.#channel(channelOf(place, attempt), maxDuration + keep);
    const run = { attempt, channel: channel.name, principal: place.principal ?? "" };
    try {
      const isOurs = await this.#store.claim(place.id, run, after, this.#lease);
      return isOurs ? { attempt, channel } : undefined;
    } catch (error) {
      // It may have been stored all the same, and would be in the way until its lease runs out.
      void this.#forget(place, attempt);
      throw error;
    }
  }

  /** Takes a claim back that nothing has come of. */
  async withdraw(place: RunPlace, { attempt, channel }: Claim): Promise<void> {
    await this.endChannel(channel.name, "failed", 0, 0);
    await this.#store.finish(place.id, attempt, { state: "cancelled", events: 0 }, 0);
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
  async bury(
    place: RunPlace,
    { attempt, channel, started }: RunRecord,
    state: "cancelled" | "lost",
    keep: number,
  ): Promise<boolean> {
    const elapsed = Date.now() - started;
    const before = await this.endChannel(channel, outcomeOf(state), elapsed, keep);
    const ended = { state: standing(state, before), events: 0 };
    const isFinished = await this.#store.finish(place.id, attempt, ended, keep);
    // Whoever runs it may have learned of its end, and stored it, before this could.
    return before === undefined || (isFinished && ended.state === state);
  }

  /** The channel of a run that another process runs, or that has ended. */
  follow({ channel }: RunRecord): Channel {
    return this.#channel(channel, LONGEST);
  }

  /** Whether the events of a run that has ended are still there. */
  async isKept(channel: string): Promise<boolean> {
    return (await this.#outcomeOf(channel)) !== undefined;
  }

  /** The cursor before an event. */
  before(channel: string, id: string): string | Promise<string> {
    return this.#channels.broker.rewind(channel, 1, id);
  }

  async #forget({ id }: RunPlace, attempt: string): Promise<void> {
    try {
      await this.#store.finish(id, attempt, { state: "cancelled", events: 0 }, 0);
    } catch {
      // Then it is taken for lost.
    }
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
