import type { RunStore } from "@sluice/core";
import { claims } from "./run-store/claims.js";
import { ends } from "./run-store/ends.js";
import { keys } from "./run-store/keys.js";
import { leases } from "./run-store/leases.js";
import { type RunStoreConformanceOptions, toRunSettings } from "./run-store/options.js";
import { RunBench } from "./run-store/run-bench.js";
import { runWalks } from "./run-store/run-walk.js";

/** One promise of a store of runs. */
export interface RunStoreCase {
  /** The promise, as a sentence. */
  readonly name: string;
  /** Opens a store of its own, resolves when it keeps the promise, and closes it in any case. */
  run(): Promise<void>;
}

/**
 * Everything that a store of runs promises, as cases for any test runner: `it(name, run)`.
 *
 * @param options - how to make a store, and what it is
 */
export function runStoreConformance<S extends RunStore>(
  options: RunStoreConformanceOptions<S>,
): RunStoreCase[] {
  const settings = toRunSettings(options);
  return [claims, leases, ends, keys, runWalks]
    .flat()
    .filter(({ when }) => when === undefined || when(settings))
    .map((promised) => ({
      name: promised.name,
      async run() {
        await using bench = await RunBench.open(settings);
        await promised.run(bench);
      },
    }));
}
