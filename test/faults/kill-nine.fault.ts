import { expect, it } from "vitest";
import { killNine } from "./kill-nine.js";

it("H6: ten times kill -9 in the middle of publishing", { timeout: 180_000 }, async ({ task }) => {
  const seed = Date.now() % 2 ** 31;
  const report = await killNine(10, 30, seed);
  const { acknowledged, unknown, connects, lost, doubled, disordered, resets, descriptors } =
    report;
  task.meta.fault = {
    fault: "kill -9, history on disk",
    load: `10 kills, 30 clients, ${connects} connects, ${acknowledged} acknowledged, seed ${seed}`,
    lost,
    doubled,
    leaked: descriptors > 0 ? `${descriptors} descriptor(s)` : "",
    peakMemory: report.peakMemory,
    figures: [
      `${unknown} stored without an acknowledgement, ${disordered} out of order, ${resets.length} resets`,
      `a restart took ${report.slowestStart.toFixed(0)} ms at most, the start of Node included`,
    ],
  };
  expect({ lost, doubled, disordered, resets, descriptors }).toEqual({
    lost: 0,
    doubled: 0,
    disordered: 0,
    resets: [],
    descriptors: 0,
  });
});
