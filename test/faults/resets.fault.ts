import { expect, it } from "vitest";
import { manyResets } from "./resets.js";

it("C1: 5,000 connections are reset", { timeout: 180_000 }, async ({ task }) => {
  const seed = Date.now() % 2 ** 31;
  const report = await manyResets(5_000, seed);
  const { lost, doubled, leaked, held, rejections, heap, moments } = report;
  task.meta.fault = {
    fault: "resets of connections",
    load: `5,000 connections, seed ${seed}`,
    lost,
    doubled,
    leaked: [...leaked, held > 0 ? `${held} request(s)` : ""].filter(Boolean).join(", "),
    peakMemory: report.peakMemory,
    figures: [
      Object.entries(moments)
        .map(([name, count]) => `${count} ${name}`)
        .join(", "),
      `heap after a collection ${(heap / 1_024).toFixed(0)} KiB more than before`,
    ],
  };
  expect({ lost, doubled, leaked, held, rejections }).toEqual({
    lost: 0,
    doubled: 0,
    leaked: [],
    held: 0,
    rejections: [],
  });
  // Less than a KiB for each.
  expect(heap).toBeLessThan(5_000 * 1_024);
});
