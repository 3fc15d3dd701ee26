import { expect, it } from "vitest";
import { tenChannels } from "./ten-channels.js";

/**
 * In bytes: what Node keeps of a socket, a request and a response, and what Fastify and Sluice keep
 * beside it.
 */
const BUDGET = 32 * 1_024;

it("H1: 10,000 connections on ten channels", { timeout: 300_000 }, async ({ task }) => {
  const report = await tenChannels(1_000, 100);
  const { perConnection, latencies, lost, doubled, strange, leaked, rejections } = report;
  task.meta.fault = {
    fault: "10,000 connections",
    load: "ten channels, 100 events on each",
    lost,
    doubled,
    leaked: leaked.join(", "),
    peakMemory: report.peakMemory,
    figures: [
      `ten channels: ${(perConnection / 1_024).toFixed(1)} KiB a connection, of ${BUDGET / 1_024} KiB; p50 ${latencies.p50} ms, p99 ${latencies.p99} ms`,
    ],
  };
  expect({ lost, doubled, strange, leaked, rejections }).toEqual({
    lost: 0,
    doubled: 0,
    strange: 0,
    leaked: [],
    rejections: [],
  });
  expect(perConnection).toBeLessThan(BUDGET);
});
