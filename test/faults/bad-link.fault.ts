import { expect, it } from "vitest";
import { badLink } from "./bad-link.js";

const CLIENTS = 25;

it("H2: half a minute behind a bad proxy", { timeout: 120_000 }, async ({ task }) => {
  const seed = Date.now() % 2 ** 31;
  const report = await badLink(CLIENTS, 30_000, seed);
  const { lost, doubled, strange, leaked, rejections, arrived, resets } = report;
  task.meta.fault = {
    fault: "a proxy that splits, delays and cuts",
    load: `${CLIENTS} clients, ${report.published} published, 30 s, seed ${seed}`,
    lost,
    doubled,
    leaked: leaked.join(", "),
    peakMemory: report.peakMemory,
    figures: [`${report.bytes} bytes one by one, ${report.cuts} connections cut`],
  };
  expect({ lost, doubled, strange, leaked, rejections, arrived, resets }).toEqual({
    lost: 0,
    doubled: 0,
    strange: 0,
    leaked: [],
    rejections: [],
    arrived: CLIENTS,
    resets: 0,
  });
});
