import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import {
  emptiedServer,
  hungServer,
  killedServer,
  olderSnapshot,
  promotedReplica,
} from "./redis-crashes.js";
import { clean, rowOf } from "./redis-verdict.js";

const LOAD = { clients: 60, processes: true } as const;

/** What a node may have on its heap while nothing can be stored: the queue, what is around it, and the rest. */
const HEAP = 192 * 1_048_576;

describe.skipIf(noRedis)("a Redis that fails", { timeout: 240_000 }, () => {
  it("H2, H3: with kill -9 in the middle of publishing, for half a minute", async ({ task }) => {
    const seed = Date.now() % 2 ** 31;
    const report = await killedServer({ ...LOAD, duration: 30_000 }, seed);
    const figure = `${report.kills} kills, log written every second, seed ${seed}`;
    task.meta.fault = rowOf("kill -9", report, figure);
    expect(report).toMatchObject(clean(report));
  });

  it("H3: and comes back empty", async ({ task }) => {
    const report = await emptiedServer({ ...LOAD, duration: 0 });
    const figure = `the last client was told ${report.slowestReset.toFixed(0)} ms after the start`;
    task.meta.fault = rowOf("restart empty", report, figure);
    expect(report).toMatchObject(clean(report));
    expect(report.slowestReset).toBeLessThan(5_000);
  });

  it("H2, H5: and hangs for 15 seconds", async ({ task }) => {
    const report = await hungServer({ ...LOAD, clients: 20, duration: 15_000 });
    const figure = `heap of a node: ${(report.peakHeap / 1_048_576).toFixed(0)} MiB at most; deadline ${report.settledBy} ms`;
    task.meta.fault = rowOf("SIGSTOP 15 s", report, figure);
    expect(report).toMatchObject({ ...clean(report), resets: {} });
    expect(report.refused + report.unknown).toBeGreaterThan(0);
    expect(report.slowest).toBeLessThan(report.settledBy + 1_000);
    expect(report.peakHeap).toBeLessThan(HEAP);
  });

  it("H3: and comes back with a snapshot of five seconds ago", async ({ task }) => {
    const report = await olderSnapshot({ ...LOAD, duration: 5_000 });
    task.meta.fault = rowOf("older snapshot", report);
    expect(report).toMatchObject(clean(report));
    expect(Object.keys(report.resets).length).toBeGreaterThan(0);
  });

  it("H3: and is followed by a replica that was cut off for five seconds", async ({ task }) => {
    const report = await promotedReplica({ ...LOAD, duration: 5_000 });
    const figure = `${report.resetsOfTheRest} resets on the channel that lost nothing`;
    task.meta.fault = rowOf("replica promoted", report, figure);
    expect(report).toMatchObject(clean(report));
    expect(Object.keys(report.resets).length).toBeGreaterThan(0);
    expect(report.resetsOfTheRest).toBe(0);
  });
});
