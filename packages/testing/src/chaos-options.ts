/** How often a {@link ChaosBroker} makes which fault: each from 0, never, to 1, always. */
export interface ChaosFaults {
  /** An entry is told later. */
  readonly delay: number;
  /** An entry is not told. */
  readonly drop: number;
  /** An entry is told twice. */
  readonly double: number;
  /** An entry is told before others that were stored earlier. */
  readonly reorder: number;
  /** With an entry, it is told how far the channel has come. */
  readonly reach: number;
  /** A call takes some turns of the event loop. */
  readonly slow: number;
  /** Reading, and going back, fails. */
  readonly failRead: number;
  /** Following fails. */
  readonly failFollow: number;
  /** Publishing fails with `ERR_NOT_STORED`, and nothing was stored. */
  readonly failPublish: number;
  /** Publishing fails although the entry was stored, so that who publishes can't know. */
  readonly loseAnswer: number;
}

export interface ChaosOptions extends Partial<ChaosFaults> {
  /**
   * Where the faults begin: the same calls meet the same faults for the same seed.
   * @defaultValue 1
   */
  readonly seed?: number;
  /**
   * Runs a task later. What is delayed goes through it one to three times.
   * @defaultValue `setImmediate`
   */
  readonly schedule?: (task: () => void) => void;
}

/** The faults of a bad day: all that followers may meet, and no call fails. */
export const DEFAULT_FAULTS: ChaosFaults = {
  delay: 0.3,
  drop: 0.1,
  double: 0.1,
  reorder: 0.2,
  reach: 0.1,
  slow: 0.3,
  failRead: 0,
  failFollow: 0,
  failPublish: 0,
  loseAnswer: 0,
};
