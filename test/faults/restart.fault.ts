import { expect, it } from "vitest";
import { restart } from "./restart.js";

const CLIENTS = 5_000;
const WINDOW = 5_000;

for (const [history, resets] of [
  ["disk", { none: CLIENTS }],
  ["memory", { unknown: CLIENTS }],
] as const) {
  const title = `Q4: SIGTERM at 5,000 connections, history ${history === "disk" ? "on disk" : "in memory"}`;
  it(title, { timeout: 180_000 }, async ({ task }) => {
    const report = await restart(CLIENTS, WINDOW, history);
    const { lost, doubled, strange, arrived, refusals, rejections, leaked } = report;
    const { exit, histogram } = report;
    task.meta.fault = {
      fault: `SIGTERM, history ${history === "disk" ? "on disk" : "in memory"}`,
      load: `${CLIENTS} connections, ${report.acknowledged} acknowledged, ${report.late} of them after the signal`,
      lost,
      doubled,
      leaked: leaked.join(", "),
      peakMemory: report.peakMemory,
      figures: [
        `exit after ${exit} ms of a window of ${WINDOW} ms, streams ended over ${report.spread} ms`,
        `ends by tenths of the window: ${histogram.join(" ")}`,
        `resets: ${JSON.stringify(report.resets)}`,
      ],
    };
    expect({ lost, doubled, strange, arrived, refusals, rejections, leaked }).toEqual({
      lost: 0,
      doubled: 0,
      strange: 0,
      arrived: CLIENTS,
      refusals: [],
      rejections: [],
      leaked: [],
    });
    expect(report.resets).toEqual(resets);
    expect(exit).toBeLessThan(WINDOW + 1_000);
    // As evenly as a busy machine lets them: no tenth of the time has nearly all.
    expect(report.spread).toBeGreaterThan(WINDOW / 2);
    expect(report.peakShare).toBeLessThan(0.4);
  });
}
