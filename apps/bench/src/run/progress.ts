import { format } from "../format.js";
import { subject as subjectOf } from "../subjects.js";
import type { Workload } from "../workloads/workload.js";
import { duration, estimate } from "./estimate.js";
import { type Failure, keyOf, type Measurement, type Step } from "./measurement.js";

/** Milliseconds for which the estimate counts when it is corrected by what it took. */
const TRUSTED = 60_000;

/** Says after each step what it gave, and about how long the rest takes. */
export class Progress {
  /** Estimated milliseconds of the steps that are left. */
  #left: number;
  #spent = 0;
  readonly #estimates: ReadonlyMap<string, number>;
  readonly #workloads: readonly Workload[];
  readonly #began = performance.now();

  /** @param steps - that will be taken */
  constructor(steps: readonly Step[], workloads: readonly Workload[], quick: boolean) {
    this.#workloads = workloads;
    this.#estimates = new Map(
      steps.map((step) => [keyOf(step), estimate(step, workloads, quick)] as const),
    );
    this.#left = [...this.#estimates.values()].reduce((sum, each) => sum + each, 0);
  }

  /** About how long it takes, before anything was measured. */
  get total(): string {
    return duration(this.#left);
  }

  /** One line about a step. */
  line(result: Measurement | Failure): string {
    const expected = this.#estimates.get(keyOf(result)) ?? 0;
    this.#left -= expected;
    this.#spent += expected;
    // At first the estimate says more than the few steps that were taken.
    const pace = (performance.now() - this.#began + TRUSTED) / (this.#spent + TRUSTED);
    const workload = this.#workloads.find(({ id }) => id === result.workload);
    const x = workload?.points[result.point]?.x;
    const parts = [
      `${duration(this.#left * pace)} left`.padStart(12),
      result.workload.padEnd(17),
      `round ${result.round + 1}${x === undefined ? "" : ` at ${x}`}`.padEnd(
        x === undefined ? 8 : 16,
      ),
      subjectOf(result.subject).label.padEnd(16),
    ];
    return [...parts, outcome(result, workload)].join("  ").trimEnd();
  }
}

function outcome(result: Measurement | Failure, workload: Workload | undefined): string {
  if (!("values" in result)) return `${result.kind}: ${result.reason}`;
  const column = workload?.columns[0];
  if (column === undefined) return "";
  const { lost = 0, doubled = 0, disordered = 0 } = result.values;
  const wrong =
    lost + doubled + disordered === 0
      ? ""
      : ` (${lost} lost, ${doubled} doubled, ${disordered} in disorder)`;
  return `${format(result.values[column.key] ?? Number.NaN).padStart(8)}  ${column.title}${wrong}`;
}
