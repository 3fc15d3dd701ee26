import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { clean, rowOf } from "./redis-verdict.js";
import { twoTenants } from "./redis-tenants.js";

describe.skipIf(noRedis)("two tenants on one Redis", { timeout: 240_000 }, () => {
  it("H3: with swapped cursors, for half a minute", async ({ task }) => {
    const seed = Date.now() % 2 ** 31;
    const report = await twoTenants({ clients: 40, processes: true, duration: 30_000 }, seed);
    const figure = `${report.visits} visits, ${report.swapped} with cursors of another channel, ${report.foreignEvents} foreign events, seed ${seed}`;
    task.meta.fault = rowOf("two tenants", report, figure);
    expect(report).toMatchObject({ ...clean(report), foreignEvents: 0 });
    expect(report.swapped).toBeGreaterThan(200);
  });
});
