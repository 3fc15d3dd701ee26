import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { medianInterval } from "./interval.js";
import { seeded } from "./random.js";

describe("medianInterval", () => {
  it("is the value itself where there is one, or where all are the same", () => {
    expect(medianInterval([5])).toEqual({ median: 5, low: 5, high: 5 });
    expect(medianInterval([2, 2, 2, 2])).toEqual({ median: 2, low: 2, high: 2 });
  });

  it("is all that was measured, of up to five values", () => {
    expect(medianInterval([1.4, 1.1, 1.2])).toEqual({ median: 1.2, low: 1.1, high: 1.4 });
    expect(medianInterval([5, 3, 1, 2, 4])).toEqual({ median: 3, low: 1, high: 5 });
  });

  it("of nine values leaves out the outermost on both sides, as binomial chances say", () => {
    // A median at or below the second least takes 5 of 9 draws from 2 of 9: a chance of 3.3 %, and at or
    // below the least one of 0.2 %.
    expect(medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual({ median: 5, low: 2, high: 8 });
  });

  it("is narrower, the more values there are", () => {
    const random = seeded(5);
    const width = (count: number): number => {
      const { low, high } = medianInterval(Array.from({ length: count }, random));
      return high - low;
    };
    expect(width(100)).toBeLessThan(width(10));
  });

  it("gives the same for the same values", () => {
    expect(medianInterval([3, 1, 4, 1, 5, 9, 2, 6])).toEqual(
      medianInterval([3, 1, 4, 1, 5, 9, 2, 6]),
    );
  });

  it("holds the true median about as often as it says", () => {
    const random = seeded(11);
    const held = Array.from({ length: 100 }, () => {
      const { low, high } = medianInterval(Array.from({ length: 11 }, random));
      return low <= 0.5 && 0.5 <= high;
    });
    expect(held.filter(Boolean).length).toBeGreaterThanOrEqual(90);
  });

  it("holds the measured median and stays within what was measured", () => {
    const values = fc.array(fc.double({ noNaN: true, min: 0.01, max: 100 }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(values, (list) => {
        const { median, low, high } = medianInterval(list);
        expect(low).toBeLessThanOrEqual(median);
        expect(high).toBeGreaterThanOrEqual(median);
        expect(low).toBeGreaterThanOrEqual(Math.min(...list));
        expect(high).toBeLessThanOrEqual(Math.max(...list));
      }),
      { numRuns: 30 },
    );
  });
});
