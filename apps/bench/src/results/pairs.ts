import type { Measurement } from "../run/measurement.js";
import type { SubjectName } from "../subjects.js";

/** The values of one column, by round. */
export function valuesByRound(
  measurements: readonly Measurement[],
  place: { readonly workload: string; readonly point: number; readonly subject: SubjectName },
  column: string,
): Map<number, number> {
  return new Map(
    measurements
      .filter(
        ({ workload, point, subject }) =>
          workload === place.workload && point === place.point && subject === place.subject,
      )
      .flatMap(({ round, values }) => {
        const value = values[column];
        return value === undefined ? [] : [[round, value] as const];
      }),
  );
}

/**
 * Divides what was measured in the same round, so that what the machine did besides in that round is in
 * both. Rounds that only one of the two took part in are left out.
 */
export function ratios(
  above: ReadonlyMap<number, number>,
  below: ReadonlyMap<number, number>,
): number[] {
  return [...above].flatMap(([round, value]) => {
    const other = below.get(round);
    return other === undefined ? [] : [value / other];
  });
}
