import type { Budget, Budgets } from "./budgets.js";
import { groupOf, type Measured, type Measurement } from "./measurement.js";

/** How a measure stands to its budget. */
export type Verdict =
  /** Within it. */
  | "ok"
  /** Above it. */
  | "over"
  /** So far below that the budget says nothing any more: it can be tightened. */
  | "loose"
  /** Measured, and has no budget. */
  | "no budget"
  /** It has a budget, and is not measured. */
  | "not measured"
  /** It can't be measured here. */
  | "not possible";

export interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
  readonly measured: Measured | undefined;
  readonly budget: Budget | undefined;
  /** Why it could not be measured. */
  readonly impossible?: string;
}

/** Compares what was measured with what is allowed: a finding for each measure, and each budget. */
export function judge(measurements: readonly Measurement[], budgets: Budgets): Finding[] {
  const findings: Finding[] = [];
  const impossible = new Map<string, string>();
  for (const measurement of measurements) {
    if ("impossible" in measurement) impossible.set(measurement.group, measurement.impossible);
    else findings.push(compare(measurement, budgets[measurement.name]));
  }
  const measured = new Set(findings.map(({ name }) => name));
  for (const [name, budget] of Object.entries(budgets)) {
    if (measured.has(name)) continue;
    const why = impossible.get(groupOf(name));
    findings.push({
      name,
      measured: undefined,
      budget,
      ...(why === undefined
        ? { verdict: "not measured" }
        : { verdict: "not possible", impossible: why }),
    });
  }
  return findings;
}

/** Whether a check with this finding has failed. In CI everything has to be measured. */
export function isFailure({ verdict }: Finding, inCi: boolean): boolean {
  switch (verdict) {
    case "ok":
    case "loose":
      return false;
    case "not possible":
      return inCi;
    case "over":
    case "no budget":
    case "not measured":
      return true;
  }
}

/** Of two measurements of everything, the lesser of each: what disturbs only ever adds. */
export function lesser(
  measurements: readonly Measurement[],
  others: readonly Measurement[],
): Measurement[] {
  const again = new Map<string, Measured>();
  for (const other of others) if ("name" in other) again.set(other.name, other);
  return measurements.map((measurement) => {
    if (!("name" in measurement)) return measurement;
    const other = again.get(measurement.name);
    return other !== undefined && other.value < measurement.value ? other : measurement;
  });
}

/**
 * The budgets with the values that were measured. An allowance and a reason stay; what could not be
 * measured keeps its budget; what is not measured any more has none.
 */
export function update(measurements: readonly Measurement[], budgets: Budgets): Budgets {
  const updated: Record<string, Budget> = {};
  for (const { name, verdict, measured, budget } of judge(measurements, budgets)) {
    if (measured !== undefined) {
      const { allowance = 0, reason = "" } = budget ?? {};
      updated[name] = { value: rounded(measured.value), allowance, unit: measured.unit, reason };
    } else if (verdict === "not possible" && budget !== undefined) updated[name] = budget;
  }
  return updated;
}

/** To hundredths, as budgets are written. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function compare(measured: Measured, budget: Budget | undefined): Finding {
  return { name: measured.name, verdict: verdictOf(measured, budget), measured, budget };
}

function verdictOf(measured: Measured, budget: Budget | undefined): Verdict {
  if (budget === undefined || budget.unit !== measured.unit) return "no budget";
  const excess = rounded(measured.value) - budget.value;
  if (excess > budget.allowance) return "over";
  return excess < -budget.allowance ? "loose" : "ok";
}
