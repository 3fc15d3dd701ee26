import { setTimeout as delay } from "node:timers/promises";
import { connectAdmin } from "../../packages/redis/test/redis-client.js";
import { startRedis } from "../../packages/redis/test/redis-server.js";
import { BadProxy } from "./bad-proxy.js";
import { mulberry32 } from "./random.js";
import type { RedisLoad } from "./redis-load.js";
import { type RedisReport, RedisWorld, type WorldNode } from "./redis-world.js";

/** Every connection of the nodes to the server is killed again and again, while they publish and follow. */
export async function killedConnections(
  load: RedisLoad,
): Promise<RedisReport & { readonly kills: number }> {
  await using server = await startRedis();
  using admin = await connectAdmin(server.url);
  await using world = await RedisWorld.open({ ...load, url: server.url });
  await world.publish(3);
  let kills = 0;
  const end = performance.now() + load.duration;
  while (performance.now() < end) {
    await delay(75);
    const kind = kills % 2 === 0 ? "pubsub" : "normal";
    kills += Number(await admin.ask(`CLIENT KILL TYPE ${kind} SKIPME yes`));
  }
  return { ...(await world.finish()), kills };
}

/** Between the nodes and the server, answers come byte by byte and with pauses, and connections are reset. */
export async function badServerLink(
  load: RedisLoad,
  pace: number,
  seed: number,
): Promise<RedisReport & { readonly bytes: number; readonly cuts: number }> {
  const random = mulberry32(seed);
  await using server = await startRedis();
  const proxy = new BadProxy(server.port);
  const url = `redis://127.0.0.1:${await proxy.listen()}`;
  try {
    await using world = await RedisWorld.open({ ...load, url, broker: { publishTimeout: "20s" } });
    proxy.misbehave({ random, pauses: 0.003, resets: 0.000_1, longestPause: 15 });
    await world.publish(pace, 40);
    await delay(load.duration);
    proxy.behave();
    const report = await world.finish();
    return { ...report, bytes: proxy.bytes, cuts: proxy.resets };
  } finally {
    proxy.close();
  }
}

/** A node does nothing for a while, and so much is published meanwhile that the server gives its connection up. */
export async function stalledNode(
  load: RedisLoad,
  { stall, events, bytes, limit }: StalledLoad,
): Promise<RedisReport & { readonly givenUp: number }> {
  await using server = await startRedis([
    "--client-output-buffer-limit",
    `pubsub ${limit} ${limit} 60`,
  ]);
  using admin = await connectAdmin(server.url);
  await using world = await RedisWorld.open({ ...load, url: server.url, processes: true });
  const listeners = async (): Promise<readonly string[]> =>
    String(await admin.ask("CLIENT LIST TYPE pubsub")).match(/^id=\d+/gm) ?? [];
  const before = await listeners();
  const [stalled, other] = world.alive as [WorldNode, WorldNode];
  const stalling = world.call(stalled, "stall", stall);
  const began = performance.now();
  // As fast as they are stored, then as long as the other stands still.
  for (let n = 0; n < events; n += 20) {
    await world.call(other, "publish", n % 40 === 0 ? "a" : "b", "flood", n, 20, bytes);
  }
  const took = performance.now() - began;
  await stalling;
  const after = await listeners();
  const report = await world.finish();
  if (took > stall) throw new Error(`The flood took ${took} ms, longer than the stall.`);
  return { ...report, givenUp: before.filter((id) => !after.includes(id)).length };
}

export interface StalledLoad {
  /** In milliseconds. */
  readonly stall: number;
  /** How many are published meanwhile, of so many bytes. */
  readonly events: number;
  readonly bytes: number;
  /** How many bytes may wait for a connection that listens, as the server's configuration says it. */
  readonly limit: string;
}
