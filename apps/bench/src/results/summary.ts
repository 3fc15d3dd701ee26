import type { Failure, Measurement } from "../run/measurement.js";
import { type Interval, medianInterval } from "../statistics/interval.js";
import { median } from "../statistics/quantile.js";
import { subject as subjectOf, type Subject } from "../subjects.js";
import type { Workload } from "../workloads/workload.js";
import { participants } from "../workloads/workloads.js";
import { ratios, valuesByRound } from "./pairs.js";
import type { Results } from "./results.js";

/** What a subject reached at one point of a workload. */
export interface Row {
  readonly subject: Subject;
  readonly repeats: number;
  /** Of each column, and of the checks: the median. */
  readonly medians: Readonly<Record<string, number>>;
  /** Of the first column: the least and the most. */
  readonly least: number;
  readonly most: number;
  /** How many times as much as Sluice it takes by the first column; not for Sluice itself. */
  readonly against: Interval | undefined;
  /** The largest share of its time that the load client worked. */
  readonly clientBusy: number;
  /** Events that were lost, doubled or disordered, in all. */
  readonly wrong: number;
}

/** One point of a workload, with those that were measured there. */
export interface Group {
  readonly workload: Workload;
  readonly point: number;
  readonly rows: readonly Row[];
}

/** Several sections of a report need the same, and intervals take their time. */
const known = new WeakMap<readonly Measurement[], Map<string, Group>>();

/** Sums up one point of a workload. */
export function summarise(
  workload: Workload,
  point: number,
  { measurements }: Pick<Results, "measurements">,
): Group {
  const groups = known.get(measurements) ?? new Map<string, Group>();
  known.set(measurements, groups);
  const key = `${workload.id}/${point}`;
  const group = groups.get(key) ?? sumUp(workload, point, measurements);
  groups.set(key, group);
  return group;
}

function sumUp(workload: Workload, point: number, measurements: readonly Measurement[]): Group {
  const here = measurements.filter(
    (measurement) => measurement.workload === workload.id && measurement.point === point,
  );
  const rows = participants(workload).flatMap((subject) => {
    const own = here.filter((measurement) => measurement.subject === subject.name);
    return own.length === 0 ? [] : [row(workload, point, subject, here, own)];
  });
  return { workload, point, rows };
}

function row(
  workload: Workload,
  point: number,
  subject: Subject,
  here: readonly Measurement[],
  own: readonly Measurement[],
): Row {
  const [{ key }] = workload.columns;
  const values = own.map(({ values }) => values[key] ?? Number.NaN);
  const keys = Object.keys(own[0]?.values ?? {});
  const place = { workload: workload.id, point };
  const compared =
    subject.name === "sluice"
      ? []
      : ratios(
          valuesByRound(here, { ...place, subject: subject.name }, key),
          valuesByRound(here, { ...place, subject: "sluice" }, key),
        ).filter(Number.isFinite);
  return {
    subject,
    repeats: own.length,
    medians: Object.fromEntries(
      keys.map((key) => [key, median(own.map(({ values }) => values[key] ?? Number.NaN))]),
    ),
    least: Math.min(...values),
    most: Math.max(...values),
    against: compared.length === 0 ? undefined : medianInterval(compared),
    clientBusy: Math.max(...own.map(({ values }) => values["clientBusy"] ?? 0)),
    wrong: own.reduce((sum, { values }) => sum + wrongIn(values), 0),
  };
}

function wrongIn(values: Measurement["values"]): number {
  return (values["lost"] ?? 0) + (values["doubled"] ?? 0) + (values["disordered"] ?? 0);
}

/** One sentence for each thing that kept subjects from being measured. */
export function failureLines(failures: readonly Failure[]): string[] {
  const lines = failures.map(({ workload, subject, kind, reason }) => {
    const { label } = subjectOf(subject);
    if (kind === "absent") return `${label} is left out: ${reason}`;
    if (kind === "unable") return `${label} has no stream for \`${workload}\`.`;
    return `${label} could not be measured in \`${workload}\`: ${reason}`;
  });
  return [...new Set(lines)];
}
