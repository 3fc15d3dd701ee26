import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { badServerLink, killedConnections, stalledNode } from "./redis-connections.js";
import { clean } from "./redis-verdict.js";

describe.skipIf(noRedis)("connections to Redis that break", () => {
  it("H2: lose, double and reorder nothing, killed every 150 ms", async () => {
    const report = await killedConnections({ clients: 6, processes: false, duration: 2_000 });
    expect(report).toMatchObject({ ...clean(report), resets: {}, refused: 0, unknown: 0 });
    expect(report.kills).toBeGreaterThan(20);
  }, 40_000);

  it("H2: bring everything through byte by byte, with pauses and resets", async () => {
    const load = { clients: 6, processes: false, duration: 1_500 };
    const report = await badServerLink(load, 60, 20_26);
    expect(report).toMatchObject({ ...clean(report), resets: {} });
    expect(report.cuts).toBeGreaterThan(0);
  }, 60_000);

  it("H2: bring a node up to date that stood still until Redis gave it up", async () => {
    const load = { clients: 3, processes: true, duration: 0 };
    const flood = { stall: 2_500, events: 200, bytes: 40_000, limit: "2mb" };
    const report = await stalledNode(load, flood);
    expect(report).toMatchObject({ ...clean(report), resets: {} });
    expect(report.givenUp).toBeGreaterThan(0);
  }, 60_000);
});
