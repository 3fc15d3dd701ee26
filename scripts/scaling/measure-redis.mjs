// What Redis and its clients take for what the broker asks of them.
import { setTimeout as delay } from "node:timers/promises";
import { startProgram } from "./lab/ask.mjs";
import { startRedis } from "./lab/redis.mjs";

/** How large an event's data is, in bytes. */
const BYTES = 200;
const CHANNELS = 100;

/**
 * @typedef {Awaited<ReturnType<typeof startRedis>>} Redis
 * @typedef {import("./lab/redis-load.mjs").RedisLoad} RedisLoad
 */

/** @returns {ReturnType<typeof startProgram<RedisLoad>>} */
const startLoad = () => startProgram("redis-load");

/**
 * Runs the measurements once, on a server of their own.
 *
 * @returns {Promise<Record<string, number>>} figures by name, in the units of inputs.mjs
 */
export async function measureRedis() {
  const redis = await startRedis();
  try {
    return {
      ...(await publishing(redis)),
      ...(await keeping(redis)),
      ...(await telling(redis)),
      ...(await reading(redis)),
      ...(await following(redis)),
    };
  } finally {
    await redis.end();
  }
}

/**
 * What a piece of work costs the server and its clients, in microseconds of CPU time.
 *
 * @param {Redis} redis
 * @param {readonly { call(command: "cpu"): Promise<number> }[]} programs
 * @param {() => Promise<unknown>} work
 */
async function costOf(redis, programs, work) {
  const clients = () => Promise.all(programs.map((program) => program.call("cpu")));
  const [server, before] = [await redis.cpu(), await clients()];
  await work();
  const after = await clients();
  return {
    server: (await redis.cpu()) - server,
    clients: after.map((cpu, index) => cpu - (before[index] ?? 0)),
  };
}

/** @param {Redis} redis */
async function publishing(redis) {
  await redis.empty();
  const load = await startLoad();
  await load.call("open", redis.url, 1);
  await load.call("publish", CHANNELS, 20, 1, BYTES);
  const rounds = 200;
  const single = await costOf(redis, [load], () =>
    load.call("publish", CHANNELS, rounds, 1, BYTES),
  );
  const burst = await costOf(redis, [load], () => load.call("publish", CHANNELS, 50, 10, BYTES));
  await load.end();

  return {
    publish: single.server / (CHANNELS * rounds),
    publishAtNode: (single.clients[0] ?? 0) / (CHANNELS * rounds),
    publishInBurst: burst.server / (CHANNELS * 50 * 10),
  };
}

/**
 * Memory of what is kept: of a channel with its first event, and of each event more.
 *
 * @param {Redis} redis
 */
async function keeping(redis) {
  const channels = 200;
  const load = await startLoad();
  await load.call("open", redis.url, 1);
  await redis.empty();
  const empty = await redis.memory();
  await load.call("publish", channels, 1, 1, BYTES);
  const first = await redis.memory();
  await load.call("publish", channels, 100, 1, BYTES);
  const full = await redis.memory();
  await load.end();
  return {
    historyChannel: (first - empty) / channels,
    historyEvent: (full - first) / channels / 100,
  };
}

/**
 * What each process more that listens adds to an event: where events come one by one, and where they come many at
 * once, so that what is told goes out together.
 *
 * @param {Redis} redis
 */
async function telling(redis) {
  const [alone, crowded] = [await toldBy(redis, 1, 4_000), await toldBy(redis, CHANNELS, 100)];
  return { tellAlone: alone.tell, tell: crowded.tell, hear: crowded.hear, hearAlone: alone.hear };
}

/**
 * @param {Redis} redis
 * @param {number} together how many events are published at once
 * @param {number} rounds
 */
async function toldBy(redis, together, rounds) {
  const MORE = 16;
  const events = together * rounds;
  /** @param {number} nodes */
  const cost = async (nodes) => {
    await redis.empty();
    const publisher = await startLoad();
    const listener = await startLoad();
    await publisher.call("open", redis.url, 1);
    await listener.call("open", redis.url, nodes);
    await listener.call("follow", together);
    const { server, clients } = await costOf(redis, [publisher, listener], async () => {
      await publisher.call("publish", together, rounds, 1, BYTES);
      await listener.call("heard", events * nodes);
    });
    await Promise.all([publisher.end(), listener.end()]);
    return { server: server / events, node: (clients[1] ?? 0) / (events * nodes) };
  };
  const [one, many] = [await cost(1), await cost(1 + MORE)];
  return { tell: (many.server - one.server) / MORE, hear: many.node };
}

/**
 * What it takes to read what a client has missed, apart from its channel.
 *
 * @param {Redis} redis
 */
async function reading(redis) {
  await redis.empty();
  const load = await startLoad();
  await load.call("open", redis.url, 1);
  /** @type {Record<string, number>} */
  const costs = {};
  for (const [missed, times] of /** @type {const} */ ([
    [1, 4_000],
    [10, 4_000],
    [100, 1_000],
    [1_000, 100],
  ])) {
    await redis.empty();
    const [ends] = await load.call("publish", 1, missed + 1, 1, BYTES);
    const after = ends?.first ?? "";
    await load.call("read", "channel-0", after, 50, 50);
    const cost = await costOf(redis, [load], () =>
      load.call("read", "channel-0", after, times, 50),
    );
    costs[`read${missed}`] = cost.server / times;
    costs[`read${missed}AtNode`] = (cost.clients[0] ?? 0) / times;
  }
  await load.end();
  return costs;
}

/**
 * What it takes to listen to a channel, and to compare what is heard of it with what is stored.
 *
 * @param {Redis} redis
 */
async function following(redis) {
  await redis.empty();
  const channels = 5_000;
  const load = await startLoad();
  await load.call("open", redis.url, 1, "1m", "200ms");
  await load.call("publish", channels, 1, 1, BYTES);
  await load.call("follow", 1);
  const { server, clients } = await costOf(redis, [load], () => load.call("follow", channels));
  const [cpu, scripts] = [await redis.cpu(), await redis.scripts()];
  await delay(5_000);
  // Five hundred channels are compared in one go.
  const compared = ((await redis.scripts()) - scripts) * 500;
  const check = ((await redis.cpu()) - cpu) / compared;
  await load.end();
  return { follow: server / channels, followAtNode: (clients[0] ?? 0) / channels, check };
}
