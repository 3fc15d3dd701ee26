import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { killedNode, redisCrowd } from "./redis-nodes.js";
import { clean, rowOf } from "./redis-verdict.js";

/** In bytes, as with the memory broker: what Node keeps of a connection, and what Sluice keeps beside it. */
const BUDGET = 32 * 1_024;

describe.skipIf(noRedis)("several nodes on one Redis", { timeout: 300_000 }, () => {
  it("H2: one of which is killed", async ({ task }) => {
    const report = await killedNode({ clients: 100, processes: true, duration: 0 });
    const figure = `the last client went on ${report.slowestReturn.toFixed(0)} ms after the kill`;
    task.meta.fault = rowOf("node killed", report, figure);
    expect(report).toMatchObject({ ...clean(report), resets: {} });
    expect(report.slowestReturn).toBeLessThan(2_020);
  });

  it("H1: 10,000 connections on ten channels, over two nodes", async ({ task }) => {
    const report = await redisCrowd(1_000, 100);
    const { perConnection, latencies, lost, doubled, strange, leaked, rejections } = report;
    task.meta.fault = {
      fault: "redis: 10,000 connections",
      load: "ten channels, two nodes, 100 events on each channel",
      lost,
      doubled,
      leaked: leaked.join(", "),
      peakMemory: report.peakMemory,
      figures: [
        `${(perConnection / 1_024).toFixed(1)} KiB a connection, of ${BUDGET / 1_024} KiB; p50 ${latencies.p50} ms, p99 ${latencies.p99} ms`,
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
});
