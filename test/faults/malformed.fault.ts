import { expect, it } from "vitest";
import { malformedRequests } from "./malformed.js";

it("malformed requests", { timeout: 300_000 }, async ({ task }) => {
  const seed = Date.now() % 2 ** 31;
  const report = await malformedRequests(5_000, seed);
  const { lost, doubled, leaked, wrong, rejections, stayed, answers } = report;
  task.meta.fault = {
    fault: "malformed requests",
    load: `${report.requests} requests, ${report.published} events meanwhile, seed ${seed}`,
    lost,
    doubled,
    leaked: leaked.join(", "),
    peakMemory: report.peakMemory,
    figures: [`answers: ${JSON.stringify(answers)}`],
  };
  expect({ lost, doubled, leaked, wrong, rejections, stayed }).toEqual({
    lost: 0,
    doubled: 0,
    leaked: [],
    wrong: [],
    rejections: [],
    stayed: true,
  });
});
