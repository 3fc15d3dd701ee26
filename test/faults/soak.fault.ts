import { expect, it } from "vitest";
import { soak } from "./soak.js";

it("two and a half minutes of churn", { timeout: 300_000 }, async ({ task }) => {
  const seed = Date.now() % 2 ** 31;
  const report = await soak(100, 150_000, 50, seed);
  const { lost, doubled, leaked, rejections, visits, slope, heaps } = report;
  task.meta.fault = {
    fault: "soak with churn",
    load: `${visits} visits, ${report.published} published, 150 s, seed ${seed}`,
    lost,
    doubled,
    leaked: leaked.join(", "),
    peakMemory: report.peakMemory,
    figures: [
      `heap ${mib(heaps[0]!)} at first, ${mib(heaps.at(-1)!)} at last; ${slope.slope.toFixed(1)} bytes a visit, give or take ${(2 * slope.error).toFixed(1)}`,
    ],
  };
  expect({ lost, doubled, leaked, rejections }).toEqual({
    lost: 0,
    doubled: 0,
    leaked: [],
    rejections: [],
  });
  // The smallest thing that could be kept of a visit is more.
  expect(slope.slope - 2 * slope.error).toBeLessThan(20);
});

function mib(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(2)} MiB`;
}
