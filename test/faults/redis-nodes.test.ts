import { describe, expect, it } from "vitest";
import { noRedis } from "../../packages/redis/test/no-redis.js";
import { killedNode, redisCrowd } from "./redis-nodes.js";
import { clean } from "./redis-verdict.js";

describe.skipIf(noRedis)("several nodes on one Redis", () => {
  it("H2: lose nothing when one is killed: its clients go on at the other", async () => {
    const report = await killedNode({ clients: 6, processes: true, duration: 0 });
    expect(report).toMatchObject({ ...clean(report), resets: {} });
    expect(report.slowestReturn).toBeLessThan(2_020);
  }, 60_000);

  it("H1: give each client each event of its own once, in order, with its id", async () => {
    const report = await redisCrowd(20, 15);
    expect(report).toMatchObject({ lost: 0, doubled: 0, strange: 0, leaked: [], rejections: [] });
  }, 60_000);
});
