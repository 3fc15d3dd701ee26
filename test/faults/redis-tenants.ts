import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "../../packages/redis/test/redis-server.js";
import { dialHttp1 } from "./link.js";
import { mulberry32, pick } from "./random.js";
import type { Told } from "./redis-follower.js";
import type { RedisLoad } from "./redis-load.js";
import type { Numbered } from "./redis-node.js";
import { type RedisReport, RedisWorld } from "./redis-world.js";

const TENANTS = ["one", "two"] as const;
const NAMES = ["a", "b"] as const;

/**
 * Two tenants with channels of the same names. Clients join and leave at random, with cursors of their own, old ones,
 * and ones of the other tenant, single and merged.
 */
export async function twoTenants(
  load: RedisLoad,
  seed: number,
): Promise<
  RedisReport & {
    readonly visits: number;
    readonly swapped: number;
    readonly foreignEvents: number;
  }
> {
  const random = mulberry32(seed);
  await using server = await startRedis();
  const channels = TENANTS.flatMap((tenant) => NAMES.map((name) => `${tenant}.${name}`));
  await using world = await RedisWorld.open({ ...load, url: server.url, channels, clients: 5 });
  await world.publish();
  const counts = { visits: 0, swapped: 0, foreignEvents: 0 };
  const ids = new Map<string, string[]>(channels.map((name) => [name, []]));
  const faults: string[] = [];
  const end = performance.now() + load.duration;
  const visitor = async (): Promise<void> => {
    while (performance.now() < end) {
      const tenant = pick(TENANTS, random);
      const own = NAMES.map((name) => `${tenant}.${name}`);
      const wanted = random() < 0.3 ? own : [pick(own, random)];
      const path = `/redis/${wanted.length > 1 ? "all" : "one"}/${wanted.join("+")}`;
      const source = pick(channels, random);
      const known = ids.get(source)!;
      const cursor = random() < 0.2 || known.length === 0 ? undefined : pick(known, random);
      const isSwapped = cursor !== undefined && (wanted.length > 1 || source !== wanted[0]);
      if (isSwapped) counts.swapped++;
      counts.visits++;
      const log: Told[] = [];
      let isFirst = true;
      const { port } = pick(world.alive, random);
      const link = dialHttp1(port)(path, cursor, ({ id, event, data }) => {
        if (isFirst && isSwapped && event !== "sluice.reset") {
          faults.push(`${path} went on after ${cursor}, of ${source}, with ${event}`);
        }
        isFirst = false;
        if (event !== "stored") return;
        const { channel, publisher, seq } = JSON.parse(data) as Numbered;
        log.push({ kind: "event", id, channel, publisher, seq });
        if (!wanted.includes(channel)) counts.foreignEvents++;
        if (wanted.length === 1) ids.get(channel)!.push(id);
      });
      await delay(random() * 150);
      link.leave(random() < 0.5);
      await link.closed;
    }
  };
  await Promise.all(Array.from({ length: load.clients }, visitor));
  const report = await world.finish();
  return { ...report, faults: [...report.faults, ...faults], ...counts };
}
