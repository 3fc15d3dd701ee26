import { BenchError, messageOf } from "../errors.js";
import type { Workload } from "../workloads/workload.js";
import type { Measure } from "./measure.js";
import type { Failure, Measurement, Step } from "./measurement.js";

export interface Session {
  readonly steps: readonly Step[];
  readonly workloads: readonly Workload[];
  readonly measure: Measure;
  /** What an earlier run has given: it stands before what is measured now. */
  readonly earlier?: readonly Measurement[] | undefined;
  /** Ends the run after what is being measured, which is dropped. */
  readonly signal: AbortSignal;
  /** Is told of each step that was taken. */
  readonly onStep: (result: Measurement | Failure) => void;
}

/**
 * Takes one step after the other. A failure is kept with its reason and the rest goes on; a subject that
 * is not installed is not asked again, nor is one for a workload that it can't do or fails twice.
 */
export async function runSession({
  steps,
  workloads,
  measure,
  earlier,
  signal,
  onStep,
}: Session): Promise<{ measurements: Measurement[]; failures: Failure[] }> {
  const measurements = [...(earlier ?? [])];
  const failures: Failure[] = [];

  for (const step of steps) {
    if (signal.aborted) break;
    if (isHopeless(step, failures)) continue;
    const workload = workloads.find(({ id }) => id === step.workload)!;
    let result: Measurement | Failure;
    try {
      result = { ...step, values: await measure(workload, step) };
    } catch (error) {
      result = failureOf(step, error);
    }
    if (signal.aborted) break;
    if ("values" in result) measurements.push(result);
    else failures.push(result);
    onStep(result);
  }
  return { measurements, failures };
}

/** Whatever is thrown, a mistake in this program as well, is kept: the rest of a long run is not lost. */
function failureOf(step: Step, error: unknown): Failure {
  const code = error instanceof BenchError ? error.code : "failed";
  const kind = code === "absent" || code === "unable" ? code : "failed";
  return { ...step, kind, reason: messageOf(error) };
}

/** Whether what failed before says that the step would. */
export function isHopeless(step: Step, failures: readonly Failure[]): boolean {
  const own = failures.filter(({ subject }) => subject === step.subject);
  if (own.some(({ kind }) => kind === "absent")) return true;
  const here = own.filter(
    ({ workload, point }) => workload === step.workload && point === step.point,
  );
  return here.some(({ kind }) => kind === "unable") || here.length > 1;
}
