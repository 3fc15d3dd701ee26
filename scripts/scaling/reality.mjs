// `node scripts/scaling/reality.mjs [SCENE]`, after `npm run build`: lets real clients lose a real process, come back
// to another one, and prints what became of them beside what the simulation says.
import { loadavg } from "node:os";
import { startProgram } from "./lab/ask.mjs";
import { startRedis } from "./lab/redis.mjs";
import { inputs } from "./inputs.mjs";
import { seeded } from "./random.mjs";
import { simulate } from "./simulate.mjs";
import { markdown, readable } from "./table.mjs";

/**
 * @typedef {import("./lab/node.mjs").ChannelNode} ChannelNode
 * @typedef {import("./lab/crowd.mjs").Crowd} Crowd
 * @typedef {{ recovered: number, p50: number, p99: number, peak: number, lost: number }} Fate
 */

const BYTES = 200;
const PATH = "/channels/main";
/** What clients are told to wait after a failure, in milliseconds. */
const RETRY = 1_000;

/**
 * @typedef {object} Scene
 * @property {string} name
 * @property {number} clients
 * @property {boolean} fromRing somebody has stayed on the process that is left; otherwise each client reads Redis
 * @property {number} missed how many events
 * @property {number} pages in how many pieces they are read
 * @property {number} repeats
 * @property {readonly number[]} windows over which clients come, in milliseconds
 */

/** @type {readonly Scene[]} */
const SCENES = [
  {
    name: "from the ring",
    clients: 2_000,
    fromRing: true,
    missed: 10,
    pages: 0,
    windows: [250, 1_000, 2_000],
    repeats: 3,
  },
  {
    name: "from Redis",
    clients: 2_000,
    fromRing: false,
    missed: 10,
    pages: 1,
    windows: [250, 1_000, 2_000],
    repeats: 3,
  },
  {
    name: "from Redis",
    clients: 1_000,
    fromRing: false,
    missed: 1_000,
    pages: 5,
    windows: [1_000, 4_000],
    repeats: 2,
  },
  {
    name: "from Redis, past its deadline",
    clients: 4_000,
    fromRing: false,
    missed: 1_000,
    pages: 5,
    windows: [1_000, 20_000],
    repeats: 1,
  },
];

/** @returns {ReturnType<typeof startProgram<ChannelNode>>} */
const startNode = () => startProgram("node");

/**
 * One storm of real clients.
 *
 * @param {Scene} scene
 * @param {number} window in milliseconds; 0 for all at once
 * @param {number} seed
 * @param {import("@sluice/core").Duration} timeout of the broker's commands
 * @returns {Promise<Fate & { cpu: number, redis: number }>} and the CPU time of the two a client, in microseconds
 */
async function storm({ clients, fromRing, missed }, window, seed, timeout) {
  const redis = await startRedis();
  const lost = await startNode();
  const left = await startNode();
  /** @type {Awaited<ReturnType<typeof startProgram<Crowd>>>} */
  const crowd = await startProgram("crowd");
  const port = await lost.call("listen", redis.url);
  const next = await left.call("listen", redis.url, undefined, timeout);
  // What the first connections make the process compile is no cost of the others.
  const warm = Array.from({ length: 500 }, () => ({ path: "/channels/warm", until: "data: {}" }));
  await crowd.call("open", next, warm, 100);

  const cursor = await crowd.call("position", port, PATH);
  if (fromRing) await crowd.call("position", next, PATH);
  await lost.kill();
  const last = await left.call("publish", "main", missed, BYTES);
  const random = seeded(seed);
  const plans = Array.from({ length: clients }, () => ({
    at: random() * window,
    path: PATH,
    cursor,
    until: `id: ${last}\n`,
  }));
  const [cpu, server] = [await left.call("cpu"), await redis.cpu()];
  const { after, most, lost: times } = await crowd.call("arrive", next, plans, RETRY);
  const used = ((await left.call("cpu")) - cpu) / clients;
  const usedByRedis = ((await redis.cpu()) - server) / clients;
  await Promise.all([left.end(), crowd.end(), redis.end()]);
  const delays = after.toSorted((a, b) => a - b);
  return {
    recovered: delays.at(-1) ?? Number.NaN,
    p50: delays[Math.ceil(clients * 0.5) - 1] ?? Number.NaN,
    p99: delays[Math.ceil(clients * 0.99) - 1] ?? Number.NaN,
    peak: most,
    lost: times,
    cpu: used,
    redis: usedByRedis,
  };
}

/**
 * What the simulation says of a storm.
 *
 * @param {Scene} scene
 * @param {number} window
 * @param {Awaited<ReturnType<typeof storm>>} burst the same without a window and without a deadline: what a resume takes
 *   here and now, with what the clients take of the machine themselves
 */
function said({ clients, pages }, window, burst) {
  const stretch = (burst.recovered * 1_000) / clients / Math.max(burst.cpu, burst.redis);
  const resume = pages === 0 ? burst.cpu : Math.min(burst.cpu, inputs.resumeOwn.value);
  return simulate({
    clients,
    nodes: 1,
    shards: 1,
    seed: 2,
    resume: resume * stretch,
    read: pages === 0 ? 0 : burst.redis * stretch,
    take: (burst.cpu - resume) * stretch,
    pages: Math.max(1, pages),
    window: RETRY,
    firstWithin: window,
  });
}

const only = process.argv[2];
const scenes = only === undefined ? SCENES : SCENES.slice(Number(only) - 1, Number(only));
const compared = /** @type {const} */ (["recovered", "p50", "p99", "peak", "lost"]);
for (const scene of scenes) {
  const { name, clients, missed, windows, repeats } = scene;
  console.log(`\n${clients} clients, ${missed} events missed, ${name}: real / simulated\n`);
  /** @type {string[][]} */
  const rows = [];
  for (const window of windows) {
    // Others use the machine too: the run in which they used it least.
    let best = Infinity;
    /** @type {string[]} */
    let row = [];
    for (let n = 0; n < repeats; n++) {
      const load = loadavg()[0] ?? 0;
      const burst = await storm(scene, 0, 1, "5m");
      const real = await storm(scene, window, 2, "2s");
      if (burst.recovered >= best) continue;
      best = burst.recovered;
      const simulated = said(scene, window, burst);
      const cells = compared.map((key) => `${readable(real[key])} / ${readable(simulated[key])}`);
      row = [`${window} ms`, ...cells, `${burst.cpu.toFixed(0)} us`, load.toFixed(1)];
    }
    rows.push(row);
  }
  const head = ["Window", "Last one, ms", "p50, ms", "p99, ms", "Peak", "Failed", "CPU", "Load"];
  console.log(markdown(head, rows));
}
