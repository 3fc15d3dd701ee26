import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { jumpingClock, noFaketime, wrongClocks } from "./redis-clocks.js";
import { clean } from "./redis-verdict.js";

describe.skipIf(noRedis || noFaketime)("clocks that are an hour wrong", () => {
  it("H2, H3: of Redis, jumping on and back, lose nothing without a reset", async () => {
    const report = await jumpingClock({ clients: 6, processes: false, duration: 2_000 });
    expect(report).toMatchObject(clean(report));
    expect(report.jumps.map((jump) => Math.round(jump / 60) + 0)).toEqual([60, 0, -60, 0]);
  }, 40_000);

  it("H2: of the nodes change nothing", async () => {
    const report = await wrongClocks({ clients: 6, processes: true, duration: 500 });
    expect(report).toMatchObject({ ...clean(report), resets: {} });
    expect(report.stored).toBeGreaterThan(50);
  }, 40_000);
});
