import type { Channel } from "../channel/channel.js";
import { type Attempt, attemptOf, mayFollow } from "./attempt.js";
import { HttpError } from "../pipeline/http-error.js";
import type { Ledger } from "./ledger.js";
import type { RunPlace } from "./run-place.js";
import type { Audible } from "./run-source.js";
import type { RunRecord, RunState } from "./run-store.js";

/** How much the clocks of processes may differ, in milliseconds. */
const CLOCKS_DIFFER = 5_000;

/** A run that this process does not run, or has run before: its connections follow the channel. */
export class RemoteRun implements Audible {
  readonly place: RunPlace;
  readonly record: RunRecord;
  readonly attempt: Attempt;
  readonly channel: Channel;
  readonly beginning = undefined;
  readonly comesBack: boolean;
  readonly #ledger: Ledger;
  readonly #changed: (run: RemoteRun) => void;
  #listeners = 0;

  /** @param changed - told when somebody begins or ceases to listen */
  constructor(
    place: RunPlace,
    record: RunRecord,
    ledger: Ledger,
    changed: (run: RemoteRun) => void,
  ) {
    this.place = place;
    this.record = record;
    this.attempt = attemptOf(record);
    this.channel = ledger.follow(record.channel);
    this.#ledger = ledger;
    // Who listens to one that has failed already would come back for ever.
    this.comesBack = record.state === "running" && mayFollow(this.attempt, "running");
    this.#changed = changed;
  }

  get state(): RunState {
    return this.record.state;
  }

  get isOver(): boolean {
    return this.record.state !== "running";
  }

  get listeners(): number {
    return this.#listeners;
  }

  /** Of one that has begun long ago, nothing is waited for. */
  opening(limit: number, left: (stop: () => void) => void): Promise<void> | undefined {
    if (this.isOver || Date.now() - this.record.started > limit + CLOCKS_DIFFER) return undefined;
    return this.#awaitBeginning(limit, left);
  }

  async #awaitBeginning(limit: number, left: (stop: () => void) => void): Promise<void> {
    let stop!: () => void;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    left(stop);
    const timer = setTimeout(stop, limit).unref();
    try {
      if (await this.#ledger.awaitBeginning(this.channel.name, stopped))
        throw new HttpError(503, "It has failed at once. Try again later.");
    } finally {
      clearTimeout(timer);
    }
  }

  joined(): void {
    this.#listeners++;
    this.#changed(this);
  }

  left(): void {
    this.#listeners--;
    this.#changed(this);
  }
}
