import { expect, test } from "vitest";
import { Histogram } from "./histogram.js";

test("a quantile is right to 1 %", () => {
  const histogram = new Histogram();
  for (let n = 1; n <= 10_000; n++) histogram.add(n / 10);
  expect(histogram.quantile(0.5) / 500).toBeCloseTo(1, 1.7);
  expect(histogram.quantile(0.95) / 950).toBeCloseTo(1, 1.7);
  expect(histogram.quantile(1)).toBeLessThanOrEqual(1_000);
  expect([histogram.count, histogram.max]).toEqual([10_000, 1_000]);
});

test("values may be negative, nought and all the same", () => {
  const histogram = new Histogram();
  for (const value of [-100, -100, -100, 0, 5]) histogram.add(value);
  expect(histogram.quantile(0.5) / -100).toBeCloseTo(1, 1.7);
  expect(histogram.quantile(0.8)).toBeCloseTo(0);
  expect(histogram.quantile(1)).toBeCloseTo(5, 1);
});

test("without values there is no quantile", () => {
  expect(new Histogram().quantile(0.5)).toBeNaN();
});
