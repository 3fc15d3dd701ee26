import { setTimeout as delay } from "node:timers/promises";
import { connectAdmin } from "../../packages/redis/test/redis-client.js";
import { openProxy } from "../../packages/redis/test/proxy.js";
import { startRedis } from "../../packages/redis/test/redis-server.js";
import { mulberry32 } from "./random.js";
import type { RedisLoad } from "./redis-load.js";
import { type RedisReport, RedisWorld, until } from "./redis-world.js";

const AOF = ["--appendonly", "yes", "--appendfsync", "everysec"];

/** The server is killed in the middle of publishing, again and again, and comes back with its log. */
export async function killedServer(
  load: RedisLoad,
  seed: number,
): Promise<RedisReport & { readonly kills: number }> {
  const random = mulberry32(seed);
  await using server = await startRedis(AOF);
  await using world = await RedisWorld.open({ ...load, url: server.url });
  await world.publish();
  let kills = 0;
  const end = performance.now() + load.duration;
  while (performance.now() < end) {
    await world.stored(50);
    await delay(random() * 300);
    await server.kill();
    kills++;
    await delay(random() * 200);
    await server.restart();
  }
  return { ...(await world.finish()), kills };
}

/** The server loses everything. Some clients are connected then, others come back later. */
export async function emptiedServer(
  load: RedisLoad,
): Promise<RedisReport & { readonly slowestReset: number }> {
  await using server = await startRedis();
  await using world = await RedisWorld.open({ ...load, url: server.url });
  await world.publish();
  await world.stored(100);
  const away = world.followers.filter((_, n) => n % 3 === 0);
  for (const follower of away) follower.goAway();
  await world.stored(50);
  await server.kill();
  await server.restart();
  const began = performance.now();
  for (const follower of away) follower.comeBack();
  await until(
    () => world.followers.every(({ resets }) => resets.length > 0),
    "Nobody was told that everything is lost.",
  );
  const slowestReset = Math.max(...world.followers.map(({ resetAt }) => resetAt)) - began;
  await world.stored(50);
  return { ...(await world.finish()), slowestReset };
}

/** The server hangs for a while, and goes on as if nothing had been. */
export async function hungServer(
  load: RedisLoad,
): Promise<RedisReport & { readonly settledBy: number }> {
  await using server = await startRedis();
  const broker = { publishTimeout: 2_000, commandTimeout: 1_000, maxQueuedBytes: 4_194_304 };
  await using world = await RedisWorld.open({ ...load, url: server.url, broker });
  await world.publish(2, 20_000);
  await world.stored(100);
  server.process.kill("SIGSTOP");
  await delay(load.duration);
  server.process.kill("SIGCONT");
  await world.stored(100);
  return { ...(await world.finish()), settledBy: broker.publishTimeout };
}

/** The server is killed, and comes back with what it had saved some time before. */
export async function olderSnapshot(load: RedisLoad): Promise<RedisReport> {
  await using server = await startRedis();
  using admin = await connectAdmin(server.url);
  await using world = await RedisWorld.open({ ...load, url: server.url });
  await world.publish();
  await world.stored(100);
  await admin.ask("SAVE");
  await delay(load.duration / 2);
  const away = world.followers.filter((_, n) => n % 3 === 0);
  for (const follower of away) follower.goAway();
  await delay(load.duration / 2);
  await server.kill();
  await server.restart();
  for (const follower of away) follower.comeBack();
  await world.stored(100);
  return await world.finish();
}

/** A replica is cut off from its primary, which goes on for a while and fails; then the replica takes its place. */
export async function promotedReplica(load: RedisLoad): Promise<
  RedisReport & {
    /** Resets of those who follow a channel of which nothing was lost. */
    readonly resetsOfTheRest: number;
  }
> {
  await using primary = await startRedis(["--repl-diskless-sync-delay", "0"]);
  await using replica = await startRedis();
  using link = await openProxy(primary.port);
  using name = await openProxy(primary.port);
  using admin = await connectAdmin(replica.url);
  await admin.ask(`REPLICAOF 127.0.0.1 ${new URL(link.url).port}`);
  const channels = ["a", "b", "quiet"];
  await using world = await RedisWorld.open({ ...load, url: name.url, channels });
  await world.call(world.alive[0]!, "publish", "quiet", "early", 0, 5);
  // A primary says that a replica is there before it sends it anything.
  await until(
    async () => Number(await admin.ask("XLEN sluice:s:{quiet}")) === 5,
    "The replica does not come.",
  );
  await world.publish(10, 200, ["a", "b"]);
  await world.stored(100);
  link.stall();
  const away = world.followers.filter((_, n) => n % 4 === 0);
  for (const follower of away) follower.goAway();
  await delay(load.duration);
  await admin.ask("REPLICAOF NO ONE");
  name.target = replica.port;
  await primary.kill();
  link[Symbol.dispose]();
  for (const follower of away) follower.comeBack();
  await world.stored(100);
  const report = await world.finish();
  const rest = world.followers.flatMap(({ log }) =>
    log.filter((told) => told.kind === "reset" && told.channels.includes("quiet")),
  );
  return { ...report, resetsOfTheRest: rest.length };
}
