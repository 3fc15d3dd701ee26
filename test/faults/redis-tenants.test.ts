import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { twoTenants } from "./redis-tenants.js";
import { clean } from "./redis-verdict.js";

describe.skipIf(noRedis)("two tenants on one Redis", () => {
  it("H3: never get an event of each other, whatever cursors they come with", async () => {
    const load = { clients: 10, processes: false, duration: 2_000 };
    const report = await twoTenants(load, 20_26);
    expect(report).toMatchObject({ ...clean(report), foreignEvents: 0 });
    expect(report.swapped).toBeGreaterThan(20);
  }, 40_000);
});
