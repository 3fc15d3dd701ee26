import type { Measurement } from "../run/measurement.js";
import { type Interval, medianInterval } from "../statistics/interval.js";
import type { Target } from "../targets.js";
import { ratios, valuesByRound } from "./pairs.js";

/** `not shown`: the interval holds the bound, so that it may be kept or not. */
export type Verdict = "pass" | "not shown" | "fails" | "not measured";

export interface Judgement {
  readonly target: Target;
  /** What is compared with the bound. */
  readonly measured: Interval | undefined;
  /** How many values that is made of. */
  readonly rounds: number;
  readonly verdict: Verdict;
}

/** With fewer values nothing is shown. */
const LEAST = 3;

/** Holds what was measured against a target. */
export function judge(target: Target, measurements: readonly Measurement[]): Judgement {
  const values = measured(target, measurements);
  const rounds = values.length;
  if (rounds === 0) return { target, measured: undefined, rounds, verdict: "not measured" };

  const interval = target.kind === "never" ? worst(values) : medianInterval(values);
  return { target, measured: interval, rounds, verdict: verdict(target, interval, rounds) };
}

/** The values that the bound is for. */
function measured(target: Target, measurements: readonly Measurement[]): number[] {
  const { workload, column } = target;
  const own = valuesByRound(measurements, { workload, point: 0, subject: "sluice" }, column);
  if (!("other" in target)) return [...own.values()];
  const place = { workload, point: 0, subject: target.other };
  const other = valuesByRound(measurements, place, column);
  return target.kind === "speed" ? ratios(other, own) : ratios(own, other);
}

function verdict({ kind, bound }: Target, { low, high }: Interval, rounds: number): Verdict {
  // One value or two have no interval that could be told; what never may be needs none.
  if (kind !== "never" && rounds < LEAST) return "not shown";
  const [kept, missed] =
    kind === "speed" ? [low >= bound, high < bound] : [high <= bound, low > bound];
  if (kept) return "pass";
  return missed ? "fails" : "not shown";
}

function worst(values: readonly number[]): Interval {
  const most = Math.max(...values);
  return { median: most, low: most, high: most };
}
