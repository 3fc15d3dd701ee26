import { expect, it } from "vitest";
import { leastSquares } from "./slope.js";
import { soak } from "./soak.js";

it("the heap does not grow while clients come and go", async () => {
  const report = await soak(40, 6_000, 12, 20_26);
  expect(report).toMatchObject({ lost: 0, doubled: 0, leaked: [], rejections: [] });
  expect(report.visits).toBeGreaterThan(400);
  // In bytes a visit: less than a request takes. A few seconds show no smaller thing.
  expect(report.slope.slope - 2 * report.slope.error).toBeLessThan(2_048);
}, 60_000);

it("a line through points has their slope, and an error where they are not on it", () => {
  const points = [0, 1, 2, 3].map((x) => [x, 3 * x + 1] as const);
  expect(leastSquares(points)).toEqual({ slope: 3, error: 0 });
  expect(leastSquares([...points, [4, 0]]).error).toBeGreaterThan(1);
});
