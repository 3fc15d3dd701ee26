// What `npm run nodes` says and does once everything is built.
import { Stop } from "../process.mjs";
import { startCluster } from "./cluster.mjs";
import { readKeys, stopReading } from "./keys.mjs";

const NAMES = ["A", "B"];
/** After how long a node that was killed comes back, in milliseconds: long enough to watch. */
const COME_BACK = 10_000;
/** Signals that are this close together, in milliseconds, are one: a terminal and npm both send them. */
const TWICE = 200;
/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs two nodes until "q", Ctrl-C or SIGTERM.
 *
 * @returns {Promise<number>} the exit code
 * @throws Stop if something is missing or does not start
 */
export async function runNodes() {
  const redisUrl = process.env.REDIS_URL?.trim() || undefined;
  if (process.env.HISTORY_PATH?.trim()) {
    throw new Stop(
      "HISTORY_PATH is of one process: leave it out, Redis has the history of all nodes.",
    );
  }
  const cluster = await startCluster({
    names: NAMES,
    port: readPort(process.env.PORT),
    comeBack: COME_BACK,
    ...(redisUrl !== undefined && { redisUrl }),
    onState: tell,
  });
  const { nodes, url, redis } = cluster;
  const keys = nodes.map((_, index) => index + 1).join(" or ");
  console.log(`
Sluice demo, ${nodes.length} nodes behind one port: ${url}/
Redis: ${redisUrl === undefined ? `${redis}, in memory, for as long as this runs` : "as REDIS_URL says"}

Open the page, start "A room", and kill the node that it is on:
  ${keys}    kill a node, as kill -9 does; it comes back after ${COME_BACK / 1000} s, or when pressed again
  q         end everything
${process.stdin.isTTY ? "" : "Without a terminal: these as lines on the standard input, kill -9 with a pid of above, SIGTERM to end.\n"}`);

  /** @type {(key: string) => void} */
  const onKey = (key) => {
    const node = nodes[Number(key) - 1];
    if (node?.pid === undefined) void node?.start();
    else node.kill();
  };
  await new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, resolve);
    readKeys((key) => (key === "q" ? resolve(undefined) : onKey(key)));
  });
  stopReading();
  await endedInTime(cluster);
  return 0;
}

/** @param {import("./cluster.mjs").Cluster} cluster */
async function endedInTime(cluster) {
  console.log("Ending the nodes.");
  const asked = performance.now();
  const hurry = () => {
    if (performance.now() - asked < TWICE) return;
    for (const node of cluster.nodes) node.kill();
  };
  for (const signal of SIGNALS) process.on(signal, hurry);
  await cluster.stop();
  for (const signal of SIGNALS) process.off(signal, hurry);
}

/**
 * @param {import("./node.mjs").DemoNode} node
 * @param {import("./node.mjs").NodeState} state
 */
function tell({ name, pid, port }, state) {
  if (state === "up") console.log(`Node ${name} is up: pid ${String(pid)}, port ${String(port)}.`);
  if (state === "down") {
    console.log(`Node ${name} is gone. It comes back in ${COME_BACK / 1000} s.`);
  }
}

/** @param {string | undefined} value */
function readPort(value) {
  const text = value?.trim() || "3000";
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new Stop(`PORT is ${JSON.stringify(text)}, but must be a whole number from 0 to 65535.`);
  }
  return port;
}
