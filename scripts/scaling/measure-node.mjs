// What a process takes for connections: to open, resume and refuse them, and their memory.
import { setTimeout as delay } from "node:timers/promises";
import { startProgram } from "./lab/ask.mjs";
import { startRedis } from "./lab/redis.mjs";

const BYTES = 200;
const CLIENTS = 1_000;
/** How many events each client with a channel of its own gets. */
const ROUNDS = 30;
/** How many connections are opened at once. */
const TOGETHER = 100;

/**
 * @typedef {import("./lab/node.mjs").ChannelNode} ChannelNode
 * @typedef {import("./lab/crowd.mjs").Crowd} Crowd
 */

/**
 * Runs the measurements once.
 *
 * @returns {Promise<Record<string, number>>} figures by name, in the units of inputs.mjs
 */
export async function measureNode() {
  return { ...(await shared()), ...(await refused()), ...(await personal()) };
}

/** Starts a process that serves and one with clients. @param {string} [redis] @param {number} [total] */
async function start(redis, total) {
  /** @type {Awaited<ReturnType<typeof startProgram<ChannelNode>>>} */
  const node = await startProgram("node");
  /** @type {Awaited<ReturnType<typeof startProgram<Crowd>>>} */
  const crowd = await startProgram("crowd");
  const port = await node.call("listen", redis, total);
  const end = () => Promise.all([node.end(), crowd.end()]);
  return { node, crowd, port, end };
}

/** One channel for all, whose ring has what they have missed. */
async function shared() {
  const { node, crowd, port, end } = await start();
  const processMemory = await node.call("memory");
  const path = "/channels/main";
  const fresh = Array.from({ length: CLIENTS }, () => ({ path, until: "data: {}\n\n" }));
  await crowd.call("open", port, fresh, TOGETHER);
  await crowd.call("leave");
  await gone(node, "main");

  /** @type {Record<string, number>} */
  const costs = { processMemory };
  const before = await node.call("cpu");
  await crowd.call("open", port, fresh, TOGETHER);
  costs["open"] = ((await node.call("cpu")) - before) / CLIENTS;
  await crowd.call("leave");
  await gone(node, "main");

  // One stays, so that the channel keeps its ring.
  const cursor = await crowd.call("position", port, path);
  let missed = 0;
  for (const count of [1, 10, 100, 1_000]) {
    const last = await node.call("publish", "main", count - missed, BYTES);
    missed = count;
    const plans = Array.from({ length: CLIENTS }, () => ({ path, cursor, until: `id: ${last}\n` }));
    const began = await node.call("cpu");
    await crowd.call("open", port, plans, TOGETHER);
    costs[`resume${count}`] = ((await node.call("cpu")) - began) / CLIENTS;
    await crowd.call("leave");
    await gone(node, "main");
    await crowd.call("open", port, [{ path, cursor, until: `id: ${last}\n` }], 1);
  }
  await end();
  return costs;
}

/** More than there may be. */
async function refused() {
  const { node, crowd, port, end } = await start(undefined, 1);
  await crowd.call("position", port, "/channels/main");
  const plans = Array.from({ length: CLIENTS }, () => ({
    path: "/channels/main",
    until: "HTTP/1.1 503",
  }));
  await crowd.call("open", port, plans, TOGETHER);
  const before = await node.call("cpu");
  await crowd.call("open", port, plans, TOGETHER);
  const refuse = ((await node.call("cpu")) - before) / CLIENTS;
  await end();
  return { refuse };
}

/** A channel for each client, in Redis: nobody else has opened it. */
async function personal() {
  const redis = await startRedis();
  const { node, crowd, port, end } = await start(redis.url);
  /** @param {string} kind */
  const fresh = (kind) =>
    Array.from({ length: CLIENTS }, (_, n) => ({
      path: `/channels/${kind}-${n}`,
      until: "data: {}\n\n",
    }));
  await crowd.call("open", port, fresh("warm"), TOGETHER);
  const memory = await node.call("memory");
  const [cpu, server] = [await node.call("cpu"), await redis.cpu()];
  await crowd.call("open", port, fresh("channel"), TOGETHER);
  const costs = {
    openOwn: ((await node.call("cpu")) - cpu) / CLIENTS,
    openOwnAtRedis: ((await redis.cpu()) - server) / CLIENTS,
    ownConnection: ((await node.call("memory")) - memory) / CLIENTS,
  };
  await publishTo(redis.url, 2);
  const [quiet, light] = [await node.call("cpu"), await node.call("memory")];
  await publishTo(redis.url, ROUNDS);
  const deliverOwn = ((await node.call("cpu")) - quiet) / (ROUNDS * CLIENTS);
  const ringEvent = ((await node.call("memory")) - light) / (ROUNDS * CLIENTS);
  await end();
  await redis.end();
  return { ...costs, deliverOwn, ringEvent };
}

/**
 * Publishes events to each client's channel, and lets them arrive.
 *
 * @param {string} url
 * @param {number} rounds
 */
async function publishTo(url, rounds) {
  /** @type {Awaited<ReturnType<typeof startProgram<import("./lab/redis-load.mjs").RedisLoad>>>} */
  const publisher = await startProgram("redis-load");
  await publisher.call("open", url, 1);
  for (let n = 0; n < rounds; n++) {
    await publisher.call("publish", CLIENTS, 1, 1, BYTES);
    await delay(200);
  }
  await publisher.end();
}

/**
 * Resolves when a channel's connections have gone.
 *
 * @param {Awaited<ReturnType<typeof startProgram<ChannelNode>>>} node
 * @param {string} channel
 */
async function gone(node, channel) {
  while ((await node.call("subscribers", channel)) > 0);
}
