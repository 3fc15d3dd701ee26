import { median, ofSorted } from "./quantile.js";
import { seeded } from "./random.js";

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
  const draw = new Float64Array(values.length);
  const medians = new Float64Array(RESAMPLES);
  for (let i = 0; i < RESAMPLES; i++) {
    for (let k = 0; k < draw.length; k++) {
      draw[k] = values[Math.floor(random() * values.length)] ?? Number.NaN;
    }
    medians[i] = ofSorted(draw.sort(), 0.5);
  }
  medians.sort();
  return { median: median(values), low: ofSorted(medians, 0.025), high: ofSorted(medians, 0.975) };
}
