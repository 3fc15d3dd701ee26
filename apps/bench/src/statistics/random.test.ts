import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seeded, shuffled } from "./random.js";

describe("seeded", () => {
  it("gives the same numbers for the same seed, and others for another", () => {
    const draw = (seed: number): number[] => {
      const random = seeded(seed);
      return Array.from({ length: 20 }, () => random());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("gives numbers from 0 to below 1, spread evenly", () => {
    const random = seeded(3);
    const numbers = Array.from({ length: 10_000 }, () => random());
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
      expect(share).toBeGreaterThan(850);
    }
  });
});

describe("shuffled", () => {
  it("keeps every item, and leaves what it was given as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = [...items];
        const order = shuffled(items, seeded(seed));
        const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);
        expect(sorted(order)).toEqual(sorted(before));
        expect(items).toEqual(before);
      }),
    );
  });

  it("puts each item first about as often as any other", () => {
    const random = seeded(1);
    const first = Array.from({ length: 3_000 }, () => shuffled(["a", "b", "c"], random)[0]);
    for (const item of ["a", "b", "c"]) {
      const times = first.filter((found) => found === item).length;
      expect(times).toBeGreaterThan(900);
      expect(times).toBeLessThan(1_100);
    }
  });
});
