/**
 * What a share of the values is not above, between two of them in proportion.
 *
 * @param values - in any order, at least one
 * @param share - from 0, the least, to 1, the largest
 */
export function quantile(values: readonly number[], share: number): number {
  return ofSorted(
    values.toSorted((a, b) => a - b),
    share,
  );
}

/** The value in the middle, or between the two in the middle; NaN where there is none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** {@link quantile} of values that are in order. */
export function ofSorted(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - below);
}
