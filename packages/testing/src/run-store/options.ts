import type { RunStore } from "@sluice/core";

/** What a store is, for {@link runStoreConformance}. */
export interface RunStoreConformanceOptions<S extends RunStore = RunStore> {
  /** Makes an empty store. Several may be open at once; none sees what another stores. */
  readonly open: () => S | Promise<S>;
  /**
   * Opens another store on the same records, as a second process has it. Leave it out for a store of a
   * single process: both are then the same one.
   */
  readonly join?: (store: S) => S | Promise<S>;
  /**
   * Closes a store and opens it again on the same records. Leave it out for a store that forgets.
   *
   * @returns the store to go on with
   */
  readonly reopen?: (store: S) => S | Promise<S>;
  /** Frees a store that a case has opened. */
  readonly close?: (store: S) => void | Promise<void>;
  /**
   * Lets time pass for the store, in milliseconds. Without it, leases are short, and what becomes of
   * them is waited for.
   */
  readonly advance?: (ms: number) => void | Promise<void>;
  /**
   * The store returns its results and no promises.
   * @defaultValue false
   */
  readonly synchronous?: boolean;
  /**
   * How long to wait for what must come, in milliseconds.
   * @defaultValue 5,000
   */
  readonly timeout?: number;
  /**
   * Where the random walks begin. Another seed takes other ways.
   * @defaultValue 1
   */
  readonly seed?: number;
  /**
   * How many random walks there are, each on a store of its own.
   * @defaultValue 20
   */
  readonly walks?: number;
}

/** The options with their defaults. */
export interface RunSettings extends RunStoreConformanceOptions {
  readonly synchronous: boolean;
  readonly timeout: number;
  readonly seed: number;
  readonly walks: number;
}

export function toRunSettings<S extends RunStore>(
  options: RunStoreConformanceOptions<S>,
): RunSettings {
  return {
    synchronous: false,
    timeout: 5_000,
    seed: 1,
    walks: 20,
    // The suite gives back to these what `open`, `join` and `reopen` made.
    ...(options as unknown as RunStoreConformanceOptions),
  };
}
