/**
 * How a run stands. A `refused` one failed before its first event, so that who had asked for it got an
 * HTTP error; it is kept only where it followed another one. The application has ended a `cancelled` one; an `orphaned` one had no listeners for
 * too long; a `lost` one was running in a process that is gone, or was shut down.
 */
export type RunState =
  | "running"
  | "done"
  | "failed"
  | "refused"
  | "cancelled"
  | "orphaned"
  | "lost";

/** How a run has ended. */
export type FinalRunState = Exclude<RunState, "running">;

/** What a store knows of a run. */
export interface RunRecord {
  /** Tells the runs of one key apart: each start of the generator is an attempt of its own. */
  readonly attempt: string;
  /** The name of the channel that has its events, and of no other run. */
  readonly channel: string;
  /** The principal that it belongs to; `""` for none and for a shared one. */
  readonly principal: string;
  /** What `Runs` keep there for themselves: up to 1,000 characters, given back as they are. */
  readonly note: string;
  readonly state: RunState;
  /** When it began, in milliseconds since 1970, by the clock of the store. */
  readonly started: number;
  /** When it ended, by the same clock; undefined while it runs. */
  readonly finished: number | undefined;
  /** How many events it had when it ended. */
  readonly events: number;
  /** Whether the process that runs it still says so. Of one that has ended it is false. */
  readonly held: boolean;
}

/** A run that is to begin. */
export type NewRun = Pick<RunRecord, "attempt" | "channel" | "principal" | "note">;

/** What the process that runs it learns when it renews its lease. */
export interface Renewal {
  /** False when the run is no longer its own: it must stop at once, and can't publish any more. */
  readonly held: boolean;
  /** Whether another process has said lately that it has listeners. */
  readonly watched: boolean;
}

/**
 * Says which process runs what, for every process that shares it: a lease for each run, and what became
 * of it. A broker that keeps events for several processes, or beyond the end of one, has a store of its
 * own as {@link Broker.runs}.
 *
 * A lease alone can't keep two from publishing, because clocks and pauses lie. What does is the run's
 * channel: whoever takes a run over ends that first, after which the broker refuses all that is
 * published to it, and the next attempt has a channel of its own.
 *
 * A method that needs no waiting returns its result and not a promise.
 */
export interface RunStore {
  /** The newest run of a key, unless it has been forgotten. */
  find(key: string): RunRecord | undefined | Promise<RunRecord | undefined>;
  /**
   * Begins a run, if the newest one of the key is still the one that the caller knows.
   *
   * @param after - the attempt that it follows, which has ended; undefined when there was none
   * @param lease - for how long it is held without {@link renew}, in milliseconds
   * @returns false when another has been faster; nothing has changed then. Of the same attempt, asked for
   * again while it is held, true: its first answer may have been lost
   */
  claim(
    key: string,
    run: NewRun,
    after: string | undefined,
    lease: number,
  ): boolean | Promise<boolean>;
  /** Holds a run for another while. One that has ended, or that was lost, can't be held again. */
  renew(key: string, attempt: string, lease: number): Renewal | Promise<Renewal>;
  /**
   * Says that this process has listeners to a run that another process runs.
   *
   * @param lease - for how long that counts, in milliseconds
   * @returns whether the run is held; false when it has ended or its process is gone
   */
  watch(key: string, attempt: string, lease: number): boolean | Promise<boolean>;
  /**
   * Ends a run.
   *
   * @param keep - how long it is remembered from now on, in milliseconds
   * @returns false when it is not the newest run of the key, or had ended already
   */
  finish(
    key: string,
    attempt: string,
    ended: { readonly state: FinalRunState; readonly events: number },
    keep: number,
  ): boolean | Promise<boolean>;
}
