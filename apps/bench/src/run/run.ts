import { constants } from "node:os";
import { BenchError, messageOf } from "../errors.js";
import { compile } from "../native/compile.js";
import { type LoadOptions, runLoad, type Scenario } from "../native/load.js";
import type { RunOptions } from "../options.js";
import { differences, merged, observe } from "../results/environment.js";
import type { Results } from "../results/results.js";
import { seeded } from "../statistics/random.js";
import { keyOf } from "./measurement.js";
import { killServers, measuring, type RunLoad } from "./measure.js";
import { Progress } from "./progress.js";
import { schedule } from "./schedule.js";
import { runSession } from "./session.js";

/** Of the order of the subjects in each round. */
const SEED = 1;

const load: RunLoad = ({ scenario, options }, server) =>
  runLoad(scenario, { ...options, ...server } as LoadOptions[Scenario]);

/** Where the load client can't be made, nothing can be measured. */
async function prepare(): Promise<void> {
  try {
    await compile("load");
  } catch (error) {
    throw new BenchError("compiler", messageOf(error), { cause: error });
  }
}

/**
 * Measures, and prints a line for each step. A signal ends it early, with what there is.
 *
 * @param earlier - results to go on with
 * @throws BenchError `results` if they were measured elsewhere or with other versions
 */
export async function run(options: RunOptions, earlier: Results | undefined): Promise<Results> {
  await prepare();
  const { workloads, quick } = options;
  const environment = observe();
  const differing = earlier === undefined ? [] : differences(earlier.environment, environment);
  if (earlier !== undefined && (differing.length > 0 || earlier.quick !== quick)) {
    const what = [...differing, ...(earlier.quick === quick ? [] : ["--quick"])].join(", ");
    throw new BenchError("results", `The earlier results differ in: ${what}. Measure all anew.`);
  }
  const kept = new Set(earlier?.measurements.map(keyOf));
  const steps = schedule(options, seeded(SEED)).filter((step) => !kept.has(keyOf(step)));
  const progress = new Progress(steps, workloads, quick);
  console.log(`${steps.length} measurements, about ${progress.total}.`);

  const interruption = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    process.exitCode = 128 + constants.signals[signal];
    interruption.abort();
    killServers();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  process.once("exit", killServers);
  try {
    const outcomes = await runSession({
      steps,
      workloads,
      measure: measuring(load, quick),
      earlier: earlier?.measurements,
      signal: interruption.signal,
      onStep: (result) => console.log(progress.line(result)),
    });
    return {
      environment: earlier === undefined ? environment : merged(earlier.environment, environment),
      quick,
      interrupted: interruption.signal.aborted,
      ...outcomes,
    };
  } finally {
    for (const signal of signals) process.off(signal, stop);
    process.off("exit", killServers);
  }
}
