import type { Workload } from "../workloads/workload.js";
import type { Measure } from "./measure.js";
import type { Failure, Measurement, Step } from "./measurement.js";
import { NotMeasured } from "./server.js";

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
      if (!(error instanceof NotMeasured)) throw error;
      result = { ...step, kind: error.kind, reason: error.message };
    }
    if (signal.aborted) break;
    if ("values" in result) measurements.push(result);
    else failures.push(result);
    onStep(result);
  }
  return { measurements, failures };
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
