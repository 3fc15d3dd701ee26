import type { Channel } from "../channel/channel.js";
import type { RunPlace } from "./run-place.js";
import type { Audible } from "./run-source.js";
import type { RunRecord } from "./run-store.js";

/** A run that this process does not run, or has run before: its connections follow the channel. */
export class RemoteRun implements Audible {
  readonly place: RunPlace;
  readonly record: RunRecord;
  readonly channel: Channel;
  /** For how long it is kept when it is found to be lost, in milliseconds. */
  readonly keep: number;
  readonly beginning = undefined;
  readonly comesBack: boolean;
  readonly #changed: (run: RemoteRun) => void;
  #listeners = 0;

  /**
   * @param restarts - the first who comes after its failure starts it anew
   * @param changed - told when somebody begins or ceases to listen
   */
  constructor(
    place: RunPlace,
    record: RunRecord,
    channel: Channel,
    keep: number,
    restarts: boolean,
    changed: (run: RemoteRun) => void,
  ) {
    this.place = place;
    this.record = record;
    this.channel = channel;
    this.keep = keep;
    // Who listens to one that has failed already would come back for ever.
    this.comesBack = restarts && record.state === "running";
    this.#changed = changed;
  }

  get attempt(): string {
    return this.record.attempt;
  }

  get isOver(): boolean {
    return this.record.state !== "running";
  }

  get listeners(): number {
    return this.#listeners;
  }

  /** Whoever runs it has begun long ago. */
  opening(): undefined {
    return undefined;
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
