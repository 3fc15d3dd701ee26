import { expect, it } from "vitest";
import { exhausted } from "./exhausted.js";

it("ulimit -n 256", { timeout: 120_000 }, async ({ task }) => {
  const report = await exhausted(256, 150, 10);
  const { lost, doubled, strange, leaked, rejections, stayed, welcomed } = report;
  task.meta.fault = {
    fault: "no descriptors left",
    load: "ulimit -n 256, 150 clients, 10 times 512 more",
    lost,
    doubled,
    leaked: leaked.join(", "),
    peakMemory: report.peakMemory,
    figures: [
      `${report.descriptors} descriptors and ${report.connections} connections at most; ${stayed} stayed, ${welcomed} of 20 came afterwards`,
    ],
  };
  expect({ lost, doubled, strange, leaked, rejections, stayed, welcomed }).toEqual({
    lost: 0,
    doubled: 0,
    strange: 0,
    leaked: [],
    rejections: [],
    stayed: 150,
    welcomed: 20,
  });
  expect(report.descriptors).toBeGreaterThan(240);
});
