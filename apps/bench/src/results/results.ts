import { BenchError } from "../errors.js";
import type { Failure, Measurement } from "../run/measurement.js";
import type { Environment } from "./environment.js";

/** All that a report is made of. */
export interface Results {
  readonly environment: Environment;
  /** Whether it was only to be seen that everything works. */
  readonly quick: boolean;
  /** Whether it was ended before all was measured. */
  readonly interrupted: boolean;
  readonly measurements: readonly Measurement[];
  readonly failures: readonly Failure[];
}

/** Of the file; to be raised when older ones can't be read any more. */
const FORMAT = 1;

interface Series {
  readonly workload: string;
  readonly point: number;
  readonly subject: Measurement["subject"];
  readonly rounds: readonly number[];
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/** Writes results as JSON: one list of numbers for each figure of a subject in a workload. */
export function serialise({ measurements, failures, ...rest }: Results): string {
  const groups = new Map<string, Measurement[]>();
  for (const measurement of measurements) {
    const { workload, point, subject } = measurement;
    const key = `${workload}/${point}/${subject}`;
    groups.set(key, [...(groups.get(key) ?? []), measurement]);
  }
  const series = [...groups.values()].map((group): Series => {
    const inOrder = group.toSorted((a, b) => a.round - b.round);
    const { workload, point, subject, values } = inOrder[0]!;
    const columns = Object.keys(values).map((key) => [
      key,
      inOrder.map((measurement) => measurement.values[key]!),
    ]);
    return {
      workload,
      point,
      subject,
      rounds: inOrder.map(({ round }) => round),
      values: Object.fromEntries(columns) as Series["values"],
    };
  });
  return `${JSON.stringify({ format: FORMAT, ...rest, failures, series }, undefined, 2)}\n`;
}

/**
 * Reads what {@link serialise} wrote.
 *
 * @throws BenchError `results` if it is of another format
 */
export function parse(text: string): Results {
  const { format, series, ...rest } = JSON.parse(text) as Omit<Results, "measurements"> & {
    format: number;
    series: readonly Series[];
  };
  if (format !== FORMAT) {
    throw new BenchError(
      "results",
      `The results are of format ${format}; this reads format ${FORMAT}. Measure anew.`,
    );
  }
  const measurements = series.flatMap(({ rounds, values, ...place }) =>
    rounds.map((round, i): Measurement => {
      const own = Object.entries(values).map(([key, list]) => [key, list[i]!]);
      return { ...place, round, values: Object.fromEntries(own) as Measurement["values"] };
    }),
  );
  return { ...rest, measurements };
}
