import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { badServerLink, killedConnections, stalledNode } from "./redis-connections.js";
import { clean, rowOf } from "./redis-verdict.js";

describe.skipIf(noRedis)("connections to Redis that break", { timeout: 240_000 }, () => {
  it("H2: killed every 150 ms, for half a minute", async ({ task }) => {
    const report = await killedConnections({ clients: 60, processes: true, duration: 30_000 });
    task.meta.fault = rowOf("CLIENT KILL", report, `${report.kills} connections killed`);
    expect(report).toMatchObject({ ...clean(report), resets: {}, refused: 0, unknown: 0 });
    expect(report.kills).toBeGreaterThan(300);
  });

  it("H2: byte by byte, with pauses and resets, for half a minute", async ({ task }) => {
    const seed = Date.now() % 2 ** 31;
    const load = { clients: 20, processes: true, duration: 30_000 };
    const report = await badServerLink(load, 200, seed);
    const figure = `${report.bytes} bytes one by one, ${report.cuts} resets, seed ${seed}`;
    task.meta.fault = rowOf("bad link", report, figure);
    expect(report).toMatchObject({ ...clean(report), resets: {} });
    expect(report.cuts).toBeGreaterThan(10);
  });

  it("H2: given up by Redis, since the node stood still for 6 s at 40 MB", async ({ task }) => {
    const load = { clients: 6, processes: true, duration: 0 };
    const flood = { stall: 6_000, events: 1_000, bytes: 40_000, limit: "32mb" };
    const report = await stalledNode(load, flood);
    task.meta.fault = rowOf("node stalled 6 s", report, `${report.givenUp} connection given up`);
    expect(report).toMatchObject({ ...clean(report), resets: {} });
    expect(report.givenUp).toBeGreaterThan(0);
  });
});
