import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { evictedKeys, evictingServer, trimmedAway } from "./redis-history.js";
import { clean } from "./redis-verdict.js";

const LOAD = { clients: 6, processes: false } as const;

describe.skipIf(noRedis)("a history in Redis that is not there any more", () => {
  it("H3: makes a client that comes back be told once, and be brought up to date once", async () => {
    const report = await trimmedAway({ ...LOAD, duration: 0 });
    expect(report).toMatchObject({ ...clean(report), resets: { trimmed: 6 }, resyncs: 6 });
  }, 40_000);

  it("H3: never leaves a silent gap, whichever of its keys vanish", async () => {
    const report = await evictedKeys({ ...LOAD, duration: 2_000 }, 20_26);
    expect(report).toMatchObject(clean(report));
    expect(report.evicted).toBeGreaterThan(3);
  }, 40_000);

  it("H3: leaves none either when the server has too little memory", async () => {
    const report = await evictingServer({ ...LOAD, clients: 7, duration: 2_000 });
    expect(report).toMatchObject(clean(report));
    expect(report.evicted).toBeGreaterThan(3);
  }, 40_000);
});
