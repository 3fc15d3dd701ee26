import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import {
  emptiedServer,
  hungServer,
  killedServer,
  olderSnapshot,
  promotedReplica,
} from "./redis-crashes.js";
import { clean } from "./redis-verdict.js";

const LOAD = { clients: 6, processes: false } as const;

describe.skipIf(noRedis)("a Redis that fails", () => {
  it("H2, H3: with kill -9 loses nothing that was acknowledged, but tells it", async () => {
    const report = await killedServer({ ...LOAD, duration: 1_500 }, 20_26);
    expect(report).toMatchObject(clean(report));
    expect(report.kills).toBeGreaterThan(1);
  }, 40_000);

  it("H3: and comes back empty makes every client be told within five seconds", async () => {
    const report = await emptiedServer({ ...LOAD, duration: 0 });
    expect(report).toMatchObject(clean(report));
    expect(report.slowestReset).toBeLessThan(5_000);
  }, 40_000);

  it("H2, H5: and hangs keeps nobody waiting beyond the deadline, and no more than may be", async () => {
    const report = await hungServer({ ...LOAD, duration: 2_500 });
    expect(report).toMatchObject({ ...clean(report), resets: {} });
    expect(report.refused + report.unknown).toBeGreaterThan(0);
    expect(report.slowest).toBeLessThan(report.settledBy + 1_000);
  }, 40_000);

  it("H3: and comes back with an older history tells it to those who had more", async () => {
    const report = await olderSnapshot({ ...LOAD, duration: 600 });
    expect(report).toMatchObject(clean(report));
    expect(Object.keys(report.resets).length).toBeGreaterThan(0);
  }, 40_000);

  it("H3: and is followed by a replica that lacks the end tells it, where something is lacking", async () => {
    const report = await promotedReplica({ ...LOAD, clients: 8, duration: 500 });
    expect(report).toMatchObject(clean(report));
    expect(Object.keys(report.resets).length).toBeGreaterThan(0);
    expect(report.resetsOfTheRest).toBe(0);
  }, 40_000);
});
