// `node scripts/scaling/measure.mjs [ROUNDS]`, after `npm run build`: measures the inputs of the plan on this machine
// and prints the best of each, as inputs.mjs has them. Takes some two minutes a round.
import { cpus, loadavg } from "node:os";
import { measureNode } from "./measure-node.mjs";
import { measureRedis } from "./measure-redis.mjs";
import { startRedis } from "./lab/redis.mjs";

const rounds = Number(process.argv[2] ?? 3);

/** @type {Record<string, number[]>} */
const all = {};
/** @type {string[]} */
const loads = [];
for (let round = 0; round < rounds; round++) {
  loads.push((loadavg()[0] ?? 0).toFixed(1));
  const figures = { ...(await measureNode()), ...(await measureRedis()) };
  for (const [name, figure] of Object.entries(figures)) (all[name] ??= []).push(figure);
  console.error(`round ${round + 1} of ${rounds} is done`);
}

const redis = await startRedis();
console.log(
  `Node ${process.versions.node}, redis ${await redis.version()}, ${cpus().length} cores`,
);
console.log(`load of the machine before each round: ${loads.join(", ")}`);
await redis.end();
for (const [name, figures] of Object.entries(all)) {
  const sorted = figures.toSorted((a, b) => a - b);
  const text = sorted.map((figure) => figure.toFixed(1)).join(", ");
  console.log(`${name.padEnd(16)} ${text}`);
}
