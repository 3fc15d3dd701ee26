import { median, ofSorted } from "./quantile.js";
import { type Random, seeded } from "./random.js";

/** A median, and between what it lies with a chance of 95 %. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 10_000;

/**
 * The median with its 95 % interval by bootstrap: as many values are drawn again and again from those
 * that there are, with replacement, and each draw's median is one that might have been measured. Of five
 * values or fewer it is all that was measured, from the least to the largest.
 *
 * @param values - at least one
 * @param seed - the same gives the same interval
 */
export function medianInterval(values: readonly number[], seed = 1): Interval {
  const random = seeded(seed);
  const sorted = values.toSorted((one, other) => one - other);
  const medians = Float64Array.from({ length: RESAMPLES }, () => medianOfDraw(sorted, random));
  medians.sort();
  return { median: median(values), low: ofSorted(medians, 0.025), high: ofSorted(medians, 0.975) };
}

/** Draws as many values as there are. How often each was drawn is enough to find the middle. */
function medianOfDraw(sorted: readonly number[], random: Random): number {
  const size = sorted.length;
  const times = new Uint16Array(size);
  for (let i = 0; i < size; i++) {
    const drawn = Math.floor(random() * size);
    times[drawn] = times[drawn]! + 1;
  }
  const drawnAt = (place: number): number => {
    let passed = 0;
    return sorted[times.findIndex((count) => (passed += count) > place)]!;
  };
  return (drawnAt(Math.floor((size - 1) / 2)) + drawnAt(Math.ceil((size - 1) / 2))) / 2;
}
