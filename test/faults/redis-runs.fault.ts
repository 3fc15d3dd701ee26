import { expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { redisRuns } from "./redis-runs.js";

const TIMES = {
  duration: 60_000,
  lease: 6_000,
  keep: 45_000,
  orphan: 3_000,
  pace: 200,
  longest: 25_000,
};

it.skipIf(noRedis)(
  "200 runs and 1,000 clients that come and go, on two nodes, one of which is killed",
  { timeout: 600_000 },
  async ({ task }) => {
    const seed = Date.now() % 2 ** 31;
    const options = { runs: 200, clients: 1_000, times: TIMES, seed, outlasts: true };
    const report = await redisRuns(options);
    const { lost, doubled, faults, waiting, leaked, rejections, peakMemory } = report;
    const figures = [
      `${report.starts} starts; started anew after: ${list(report.restarts)}; ${report.cancelled} cancelled`,
      `ends told: ${list(report.outcomes)}; resets: ${list(report.resets)}`,
      `who listened elsewhere was told of the killed node's runs within ${report.slowestNews} ms, with a lease of ${TIMES.lease} ms; heap grew by ${(report.grown / 1_048_576).toFixed(1)} MiB`,
    ];
    task.meta.fault = {
      fault: "redis: runs, node killed",
      load: `200 runs, 1,000 clients, ${report.visits} visits, ${report.tokens} tokens, 60 s, seed ${seed}`,
      lost,
      doubled,
      leaked: leaked.join(", "),
      peakMemory,
      figures,
    };
    expect({ lost, doubled, faults, waiting, leaked, rejections }).toEqual({
      lost: 0,
      doubled: 0,
      faults: [],
      waiting: [],
      leaked: [],
      rejections: [],
    });
    // A renewal that was due is two thirds of a lease away from its end, and it is looked for every third.
    expect(report.slowestNews).toBeLessThan((TIMES.lease * 4) / 3 + 2_000);
    expect(report.grown).toBeLessThan(16 * 1_048_576);
  },
);

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}
