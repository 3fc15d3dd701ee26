import type { RunSettings } from "./options.js";
import type { RunBench } from "./run-bench.js";

/** Something that every store of runs promises, and how to see whether this one keeps it. */
export interface PromisedRun {
  /** A sentence. */
  readonly name: string;
  /** Which stores promise it; undefined for all. */
  readonly when?: (settings: RunSettings) => boolean;
  run(bench: RunBench): Promise<void>;
}
