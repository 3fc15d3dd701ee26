import { setTimeout as delay } from "node:timers/promises";
import { connectAdmin } from "../../packages/redis/test/redis-client.js";
import { startRedis } from "../../packages/redis/test/redis-server.js";
import { mulberry32, pick } from "./random.js";
import { RedisFollower } from "./redis-follower.js";
import type { RedisLoad } from "./redis-load.js";
import { type RedisReport, RedisWorld, until } from "./redis-world.js";

/** Clients come back when what they have missed has left the history. */
export async function trimmedAway(
  load: RedisLoad,
): Promise<RedisReport & { readonly returned: number; readonly resyncs: number }> {
  await using server = await startRedis();
  const history = { count: 50, bytes: 16_777_216 };
  await using world = await RedisWorld.open({ ...load, url: server.url, history, clients: 0 });
  const away = Array.from(
    { length: load.clients },
    (_, n) => new RedisFollower("/redis/state/a", n % world.nodes.length),
  );
  world.followers.push(...away);
  for (const follower of away) follower.follow(() => world.nodes.map(({ port }) => port));
  await until(() => away.every(({ isJoined }) => isJoined), "Clients do not join.");
  await world.call(world.alive[0]!, "publish", "a", "before", 0, 10);
  await until(() => away.every(({ log }) => log.length === 10), "Not all has come.");
  for (const follower of away) follower.goAway();
  // More than the rings of the nodes hold, which keep something for those who come back.
  for (let n = 0; n < 400; n += 20) {
    await world.call(world.alive[0]!, "publish", "a", "missed", n, 20, 8_192);
  }
  for (const follower of away) follower.comeBack();
  await until(() => away.every(({ resets }) => resets.length > 0), "Nobody was told.");
  const states = await Promise.all(world.alive.map((node) => world.call(node, "state")));
  const resyncs = states.reduce((sum, state) => sum + state.resyncs, 0);
  return { ...(await world.finish()), returned: away.length, resyncs };
}

/** Records and streams vanish while they are used, one or both. */
export async function evictedKeys(
  load: RedisLoad,
  seed: number,
): Promise<RedisReport & { readonly evicted: number }> {
  const random = mulberry32(seed);
  await using server = await startRedis();
  using admin = await connectAdmin(server.url);
  const broker = { checkInterval: 400 };
  await using world = await RedisWorld.open({ ...load, url: server.url, broker });
  await world.publish();
  let evicted = 0;
  const end = performance.now() + load.duration;
  while (performance.now() < end) {
    await delay(random() * 300);
    const channel = pick(world.channels, random);
    const kinds = pick(["r", "s", "rs"], random);
    for (const kind of kinds) evicted += Number(await admin.ask(`DEL sluice:${kind}:{${channel}}`));
  }
  return { ...(await world.finish()), evicted };
}

/** The server has too little memory, and throws away what it likes. */
export async function evictingServer(
  load: RedisLoad,
): Promise<RedisReport & { readonly evicted: number }> {
  await using server = await startRedis([
    "--maxmemory",
    "6mb",
    "--maxmemory-policy",
    "allkeys-random",
  ]);
  using admin = await connectAdmin(server.url);
  const broker = { checkInterval: 400 };
  const history = { count: 200, bytes: 200_000 };
  const channels = Array.from({ length: 6 }, (_, n) => `channel-${n}`);
  const options = { ...load, url: server.url, broker, history, channels };
  await using world = await RedisWorld.open(options);
  await world.publish(20);
  const end = performance.now() + load.duration;
  for (let n = 0; performance.now() < end; n++) {
    await admin.ask(`SETRANGE noise-${n} 50000 x`);
    await delay(5);
  }
  await admin.ask("CONFIG SET maxmemory 0");
  const report = await world.finish();
  return { ...report, evicted: Number((await admin.info("stats")).get("evicted_keys")) };
}
