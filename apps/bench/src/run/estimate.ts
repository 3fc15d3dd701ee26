import { subject } from "../subjects.js";
import type { Workload } from "../workloads/workload.js";
import { loadOf } from "../workloads/workloads.js";
import type { Step } from "./measurement.js";

/** Milliseconds to start and end a server, with the load client. */
const START = 900;

/** Milliseconds to warm a server up. */
const WARM_UP = 800;

/** About how many milliseconds a step takes. */
export function estimate(step: Step, workloads: readonly Workload[], quick: boolean): number {
  const point = workloads.find(({ id }) => id === step.workload)?.points[step.point];
  if (point === undefined) return 0;
  const who = subject(step.subject);
  const { control, warmUp, opening, waits, work } = loadOf(point, who, quick);
  const once =
    START +
    (warmUp === undefined ? 0 : WARM_UP) +
    opening * who.slowness +
    Math.max(waits, work * who.slowness);
  return control === undefined ? once : 2 * once;
}

/** Says how long a time is: "40 s", "12 min". */
export function duration(milliseconds: number): string {
  return milliseconds < 90_000
    ? `${Math.ceil(milliseconds / 1_000)} s`
    : `${Math.round(milliseconds / 60_000)} min`;
}
