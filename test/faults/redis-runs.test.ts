import { expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { redisRuns } from "./redis-runs.js";

it.skipIf(noRedis)(
  "a run is made once at a time, and each client gets all of it or is told, though a node is killed",
  async () => {
    const times = {
      duration: 5_000,
      lease: 2_000,
      keep: 6_000,
      orphan: 700,
      pace: 40,
      longest: 3_000,
    };
    const report = await redisRuns({ runs: 40, clients: 80, times, seed: 20_26, outlasts: false });
    const { lost, doubled, faults, waiting, leaked, rejections } = report;
    expect({ lost, doubled, faults, waiting, leaked, rejections }).toEqual({
      lost: 0,
      doubled: 0,
      faults: [],
      waiting: [],
      leaked: [],
      rejections: [],
    });
    expect(report.restarts["lost"]).toBeGreaterThan(0);
    expect(report.restarts["failed"]).toBeGreaterThan(0);
    expect(report.cancelled).toBeGreaterThan(0);
  },
  120_000,
);
