// `node scripts/scaling/plan.mjs --connections 1000000 --events-per-second 0.1`: prints what that takes.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DEFAULTS, plan } from "./formula.mjs";
import { markdown, readable, size, time } from "./table.mjs";

/** @typedef {import("./formula.mjs").Workload} Workload */

/** @param {string} name `eventsPerSecond` */
const toFlag = (name) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const FLAGS = new Map(
  /** @type {(keyof Workload)[]} */ (Object.keys(DEFAULTS)).map((name) => [toFlag(name), name]),
);

/**
 * Reads `--name value`.
 *
 * @param {readonly string[]} args
 * @returns {Workload}
 * @throws Error where a flag is unknown, or its value is no number above 0
 */
export function readWorkload(args) {
  const workload = { ...DEFAULTS };
  for (let at = 0; at < args.length; at += 2) {
    const [flag = "", text] = [args[at], args[at + 1]];
    const name = FLAGS.get(flag);
    if (name === undefined) {
      throw new Error(`There is no ${flag}; there are ${[...FLAGS.keys()].join(", ")}.`);
    }
    const value = Number(text);
    if (!(value > 0) || value === Infinity) {
      throw new Error(`${flag} takes a number above 0, not ${String(text)}.`);
    }
    workload[name] = value;
  }
  if (workload.load >= 1 || workload.drainShare > 1) {
    throw new Error("--load and --drain-share take a share: up to 1, and less for --load.");
  }
  if (workload.audience > workload.connections) {
    throw new Error("--audience can't be more than --connections.");
  }
  return workload;
}

/** @param {number} share */
const percent = (share) => `${readable(share * 100)} %`;

/**
 * The plan as a table in Markdown.
 *
 * @param {Workload} workload
 */
export function printPlan(workload) {
  const result = plan(workload);
  return markdown(
    ["What", "How much"],
    [
      ["deliveries, all", `${readable(result.deliveries)} /s`],
      ["publishes, all", `${readable(result.publishes)} /s`],
      ["channels", readable(result.channels)],
      ["processes that hear one event", readable(result.listening)],
      ["**processes**, a core each", readable(result.processes)],
      ["load of a process", percent(result.processLoad)],
      ["memory of a process", size(result.processMemory)],
      ["descriptors of a process", readable(result.descriptors)],
      ["bandwidth of a process to clients", `${size(result.toClientsOfProcess)}/s`],
      ["bandwidth to clients, all", `${size(result.toClients)}/s`],
      ["**Redis servers**, a core each", readable(result.shards)],
      ["load of a server", percent(result.redisLoad)],
      ["memory of a server", size(result.redisMemory)],
      ["connections of a server", readable(result.redisConnections)],
      ["bandwidth of a server to processes", `${size(result.fromRedis)}/s`],
      ["resumes that a process can take besides", `${readable(result.resumesOfProcess)} /s`],
      ["resumes that all servers can take besides", `${readable(result.resumesOfRedis)} /s`],
      ["a process dies: resumes", `${readable(result.afterProcess)} /s`],
      ["a process dies: shortest spread", time(result.afterProcessShortest)],
      ["all processes die: resumes", `${readable(result.afterAll)} /s`],
      ["all processes die: shortest spread for processes", time(result.afterAllByProcesses)],
      ["all processes die: shortest spread for Redis", time(result.afterAllByRedis)],
      ["Redis restarts: to listen again, and compare", time(result.afterRedis)],
      ["processes drain: resumes", `${readable(result.afterDrain)} /s`],
      ["processes drain: until all have", time(result.rollOut)],
    ],
  );
}

const [script, ...args] = process.argv.slice(1);
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  try {
    console.log(printPlan(readWorkload(args)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
