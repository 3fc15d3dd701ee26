import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { evictedKeys, evictingServer, trimmedAway } from "./redis-history.js";
import { clean, rowOf } from "./redis-verdict.js";

const LOAD = { clients: 60, processes: true } as const;

describe.skipIf(noRedis)("a history in Redis that is gone", { timeout: 240_000 }, () => {
  it("H3: trimmed while 60 clients were away", async ({ task }) => {
    const report = await trimmedAway({ ...LOAD, duration: 0 });
    const figure = `${report.returned} clients came back, onResync was called ${report.resyncs} times`;
    task.meta.fault = rowOf("trimmed", report, figure);
    expect(report).toMatchObject({ ...clean(report), resets: { trimmed: 60 }, resyncs: 60 });
  });

  it("H3: with keys deleted at random, for half a minute", async ({ task }) => {
    const seed = Date.now() % 2 ** 31;
    const report = await evictedKeys({ ...LOAD, duration: 30_000 }, seed);
    task.meta.fault = rowOf("keys deleted", report, `${report.evicted} keys, seed ${seed}`);
    expect(report).toMatchObject(clean(report));
    expect(report.evicted).toBeGreaterThan(50);
  });

  it("H3: thrown away for want of memory, for half a minute", async ({ task }) => {
    const report = await evictingServer({ ...LOAD, duration: 30_000 });
    task.meta.fault = rowOf("eviction", report, `${report.evicted} keys of all kinds evicted`);
    expect(report).toMatchObject(clean(report));
    expect(report.evicted).toBeGreaterThan(50);
  });
});
