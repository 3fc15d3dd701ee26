import type { Latency, LoadBase, LoadResults } from "../native/load.js";
import type { Streams, SubjectName } from "../subjects.js";
import type { Load } from "./load.js";

/** What the load client printed: which of it, depends on the scenario. */
export type Figures = LoadBase &
  Partial<
    LoadResults["fan"] &
      LoadResults["idle"] &
      LoadResults["replay"] &
      LoadResults["stall"] &
      LoadResults["leave"]
  >;

/** One figure of a workload. */
export interface Column {
  /** Its name in the results. */
  readonly key: string;
  /** The head of its column. */
  readonly title: string;
  /** @param control - what the load's `control` gave, where it has one */
  readonly of: (figures: Figures, control?: Figures) => number;
  /** For yes and no: what it says for 0, and for 1. */
  readonly words?: readonly [string, string];
}

/** How often subjects are measured. */
export interface Repeats {
  /** Those of the tier `core`. */
  readonly core: number;
  /** Peers that a target of this workload names. */
  readonly rivals: number;
  readonly peers: number;
}

/** One place of a workload: a curve has several, the others one. */
export interface Point {
  /** Where it is on the curve. */
  readonly x?: number;
  readonly load: Load;
  /** Instead, for subjects for which it would take too long. */
  readonly gentler?: Readonly<Partial<Record<SubjectName, Load>>>;
  /** Instead, where it is only to be seen that everything works. */
  readonly quick: Load;
}

/** Something that servers are measured by. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  /** Sentences for the report. */
  readonly what: string;
  /** What the first column is, for a plot: "CPU time for each delivery, in microseconds". */
  readonly measure: string;
  /** What stands along a curve. */
  readonly along?: string;
  /** In words, how the points of a curve are measured. */
  readonly pace?: string;
  /** The first is what subjects are compared by: the less, the better. */
  readonly columns: readonly [Column, ...Column[]];
  /** The column of which a bar shows the rest, up to a worse case. */
  readonly upTo?: string;
  /** No plot, where the figures are not quantities. */
  readonly plot: "bars" | "curves" | "none";
  readonly points: readonly [Point, ...Point[]];
  readonly streams: Streams;
  /** @defaultValue all that have the streams */
  readonly only?: readonly SubjectName[];
  /** Left out although they have the streams, and why. */
  readonly without?: Readonly<Partial<Record<SubjectName, string>>>;
  readonly repeats: Repeats;
}

/** Reads a number of what the load client printed. */
export function figure(
  figures: Figures,
  name: Exclude<keyof Figures, "latency" | "times">,
): number {
  return given(figures[name], name);
}

/** Reads a quantile of the latency, in nanoseconds. */
export function latencyOf(figures: Figures, quantile: keyof Latency): number {
  return given(figures.latency?.[quantile], `latency.${quantile}`);
}

function given(value: number | null | undefined, name: string): number {
  if (value != null) return value;
  throw new TypeError(`The load client did not print "${name}".`);
}
