import { startRedis } from "../../packages/redis/test/redis-server.js";
import type { Percentiles } from "./latencies.js";
import { countDescriptors } from "./descriptors.js";
import { startProgram } from "./program.js";
import type { Crowd } from "./programs/crowd.js";
import type { RedisNode } from "./redis-node.js";
import type { RedisLoad } from "./redis-load.js";
import { type RedisReport, RedisWorld, until } from "./redis-world.js";
import { settled } from "./settled.js";

/** One of two nodes is killed in the middle of publishing. */
export async function killedNode(
  load: RedisLoad,
): Promise<RedisReport & { readonly slowestReturn: number }> {
  await using server = await startRedis();
  await using world = await RedisWorld.open({ ...load, url: server.url, processes: true });
  await world.publish();
  await world.stored(200);
  const [first] = world.alive;
  const began = performance.now();
  const before = world.followers.map(({ connects }) => connects);
  await world.kill(first!);
  const moved = world.followers.filter((_, n) => n % 2 === 0);
  await until(
    () => moved.every((follower) => follower.connects > before[world.followers.indexOf(follower)]!),
    "Clients do not come back.",
  );
  const slowestReturn = Math.max(...moved.map(({ connectedAt }) => connectedAt)) - began;
  await world.stored(200);
  return { ...(await world.finish()), slowestReturn };
}

export interface RedisCrowdReport {
  /** Memory of the nodes that a connection takes, in bytes. */
  readonly perConnection: number;
  readonly latencies: Percentiles;
  readonly lost: number;
  readonly doubled: number;
  readonly strange: number;
  readonly leaked: readonly string[];
  readonly rejections: readonly string[];
  readonly peakMemory: number;
}

const CHANNELS = Array.from({ length: 10 }, (_, n) => `channel-${n}`);

/**
 * Many clients share ten channels over two nodes, both of which publish.
 *
 * @param clients - of each channel, half of them on each node
 * @param events - for each channel
 */
export async function redisCrowd(clients: number, events: number): Promise<RedisCrowdReport> {
  await using redis = await startRedis();
  await using one = await startProgram<RedisNode>("redis-node");
  await using two = await startProgram<RedisNode>("redis-node");
  await using crowd = await startProgram<Crowd>("crowd");
  const nodes = [one, two];
  const listening = { broker: { url: redis.url, commandTimeout: 10_000 } };
  const ports = await Promise.all(nodes.map((node) => node.call("listen", listening)));
  const held = async (): Promise<number> => {
    const memories = await Promise.all(nodes.map((node) => node.call("memory")));
    return memories.reduce((sum, { rss }) => sum + rss, 0);
  };
  const idle = async (): Promise<boolean> => {
    const states = await Promise.all(nodes.map((node) => node.call("state")));
    return states.every(({ active, connections }) => active === 0 && connections === 0);
  };
  // What the first connections set up for good is no cost of the others.
  for (const port of ports) {
    await crowd.call("connect", port, pathOf(CHANNELS[0]!), Math.min(clients, 500));
  }
  await crowd.call("restart");
  await until(idle, "The nodes do not come to rest.");
  const descriptors = nodes.map(({ pid }) => countDescriptors(pid));
  const before = await held();
  for (const name of CHANNELS) {
    for (const port of ports) await crowd.call("connect", port, pathOf(name), clients / 2);
  }
  const after = await held();

  const published = new Map<string, string[]>(CHANNELS.map((name) => [name, []]));
  await crowd.call("latencies");
  for (let n = 0; n < events; n++) {
    const publishing = CHANNELS.map((name, channel) =>
      nodes[(channel + n) % 2]!.call("publishLoad", name, n, 40),
    );
    for (const [channel, id] of (await Promise.all(publishing)).entries()) {
      published.get(CHANNELS[channel]!)!.push(id);
    }
    await crowd.call("reached", n + 1);
  }
  const latencies = await crowd.call("latencies");
  const totals = { lost: 0, doubled: 0, strange: 0 };
  for (const [name, ids] of published) {
    const verdict = await crowd.call("verdict", pathOf(name), ids);
    totals.lost += verdict.lost;
    totals.doubled += verdict.doubled;
    totals.strange += verdict.strange;
  }
  await crowd.call("restart");
  await until(idle, "The nodes do not come to rest.");
  const left = (): number =>
    nodes.reduce((sum, { pid }, n) => sum + countDescriptors(pid) - descriptors[n]!, 0);
  await settled(() => left() <= 0, 5_000);
  const states = await Promise.all(nodes.map((node) => node.call("state")));
  await Promise.all(nodes.map((node) => node.call("close")));
  return {
    perConnection: (after - before) / (clients * CHANNELS.length),
    latencies,
    ...totals,
    leaked: left() > 0 ? [`${left()} descriptor(s)`] : [],
    rejections: states.flatMap(({ rejections }) => rejections),
    peakMemory: states.reduce((sum, state) => sum + state.peakMemory, 0) - before,
  };
}

function pathOf(name: string): string {
  return `/redis/one/${name}`;
}
