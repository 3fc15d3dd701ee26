import { expect, it } from "vitest";
import { randomDisconnects } from "./disconnects.js";

it("C1: a minute of random disconnects", { timeout: 120_000 }, async ({ task }) => {
  const seed = Date.now() % 2 ** 31;
  const report = await randomDisconnects(1_000, 60_000, seed);
  const { unfinished, deaf, named, lost, doubled, peakMemory, descriptors, leaks } = report;
  const leaked = [
    leaks,
    ...Object.entries(unfinished).map(([name, count]) => `${count} running ${name}`),
    descriptors > 0 ? `${descriptors} descriptor(s)` : "",
    named < deaf ? `${deaf - named} deaf, unnamed` : "",
  ].filter(Boolean);
  task.meta.fault = {
    fault: "random disconnects",
    load: `${report.visits} clients, ${report.started} streams, 60 s, seed ${seed}`,
    lost,
    doubled,
    leaked: leaked.join(", "),
    peakMemory,
  };
  expect({ leaked, lost, doubled, rejections: report.rejections }).toEqual({
    leaked: [],
    lost: 0,
    doubled: 0,
    rejections: [],
  });
  expect(peakMemory).toBeLessThan(200 * 1_048_576);
});
