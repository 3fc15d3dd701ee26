import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { jumpingClock, noFaketime, wrongClocks } from "./redis-clocks.js";
import { clean, rowOf } from "./redis-verdict.js";

const LOAD = { clients: 60, processes: true } as const;

describe.skipIf(noRedis || noFaketime)("clocks an hour wrong", { timeout: 240_000 }, () => {
  it("H2, H3: of Redis, on and back", async ({ task }) => {
    const report = await jumpingClock({ ...LOAD, duration: 20_000 });
    const jumps = report.jumps.map((jump) => `${Math.round(jump / 60) + 0} min`);
    task.meta.fault = rowOf("clock of Redis", report, `the clock was wrong by ${jumps.join(", ")}`);
    expect(report).toMatchObject(clean(report));
  });

  it("H2: of the nodes", async ({ task }) => {
    const report = await wrongClocks({ ...LOAD, duration: 10_000 });
    task.meta.fault = rowOf("clocks of the nodes", report);
    expect(report).toMatchObject({ ...clean(report), resets: {} });
  });
});
