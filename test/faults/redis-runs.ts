import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "../../packages/redis/test/redis-server.js";
import { connectAdmin } from "../../packages/redis/test/redis-client.js";
import { counted } from "./counted.js";
import { type Program, startProgram } from "./program.js";
import type { RunsNode } from "./programs/runs-node.js";
import type { Visitors } from "./programs/runs-visitors.js";
import { mulberry32, pick } from "./random.js";
import { RunJournal } from "./redis-runs-journal.js";
import { judgeRuns } from "./redis-runs-judge.js";
import type { Cancelling } from "./redis-runs-evidence.js";
import { opensAt, type PlannedRun, planRuns, type RunTimes } from "./redis-runs-plan.js";
import { until } from "./redis-world.js";

export interface RunsOptions {
  readonly runs: number;
  readonly clients: number;
  readonly times: RunTimes;
  readonly seed: number;
  /** Waits until Redis has forgotten all, which is a minute after `keep`; else it is to know when it will. */
  readonly outlasts: boolean;
}

export interface RunsReport {
  readonly lost: number;
  readonly doubled: number;
  readonly faults: readonly string[];
  /** Clients that have not come to an end. */
  readonly waiting: readonly string[];
  readonly leaked: readonly string[];
  readonly rejections: readonly string[];
  readonly visits: number;
  readonly tokens: number;
  readonly starts: number;
  readonly restarts: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly resets: Readonly<Record<string, number>>;
  readonly cancelled: number;
  /** In milliseconds. */
  readonly slowestNews: number;
  /** What the surviving node's heap has grown by, in bytes. */
  readonly grown: number;
  readonly peakMemory: number;
}

/** For how long a channel is kept beyond its run, in milliseconds. */
const MARGIN = 60_000;

/** Runs on two nodes, one of which is killed and comes back, and clients that come and go. */
export async function redisRuns(options: RunsOptions): Promise<RunsReport> {
  const { runs, clients, times, seed } = options;
  const random = mulberry32(seed);
  const plans = planRuns(runs, times, random);
  await using redis = await startRedis();
  using admin = await connectAdmin(redis.url);
  const journal = join(redis.folder, "journal");
  const open = async (name: string, port = 0) => {
    const program = await startProgram<RunsNode>("runs-node");
    return {
      program,
      port: await program.call("listen", { url: redis.url, port, name, journal, times }),
    };
  };
  const doomed = await open("doomed");
  const other = await open("other");
  await using _doomed = doomed.program;
  await using survivor = other.program;
  await using visitors = await startProgram<Visitors>("runs-visitors");
  const ports = [doomed.port, other.port];
  const nodes = [doomed.program, survivor];

  const baseline = await survivor.call("state");
  const heap = (await survivor.call("memory")).heap;
  await visitors.call("start", { ports, plans, clients, times, seed });
  const began = performance.now();
  const cancelling = cancelSome(plans, nodes, times, random);
  await delay(times.duration * 0.45);
  doomed.program.kill();
  const killed = new Map([["doomed", Date.now()]]);
  await doomed.program.ended;
  await delay(times.duration * 0.2);
  const { program: revived } = await open("revived", doomed.port);
  await using _revived = revived;
  nodes[0] = revived;
  await delay(times.duration - (performance.now() - began));
  const cancellings = await cancelling;
  await visitors.call("close", times.longest * 3 + times.lease * 2);
  await visitors.call("lookAtAll", 1);
  const { visits, ...seen } = await visitors.call("report");

  const leaked = [
    ...(await leftOf("survivor", survivor, baseline.timers, times)),
    ...(await leftOf("revived", revived, baseline.timers, times)),
    ...(await leftInRedis(admin.send, times, options.outlasts)),
  ];
  const states = await Promise.all([survivor.call("state"), revived.call("state")]);
  const grown = (await survivor.call("memory")).heap - heap;
  const verdict = judgeRuns({
    journal: new RunJournal(journal).read(),
    visits,
    cancellings,
    killed,
    killedNode: 0,
    times,
  });
  await Promise.all([survivor.call("close"), revived.call("close")]);
  return {
    lost: seen.lost + verdict.lost,
    doubled: seen.doubled,
    faults: [...seen.faults, ...verdict.faults].slice(0, 40),
    waiting: seen.waiting,
    leaked,
    rejections: states.flatMap(({ rejections }) => rejections),
    visits: visits.length,
    tokens: seen.tokens,
    starts: verdict.starts,
    restarts: counted(verdict.restarts),
    outcomes: counted(visits.flatMap(({ outcome }) => outcome ?? [])),
    resets: seen.resets,
    cancelled: cancellings.filter(({ result }) => result === true).length,
    slowestNews: verdict.slowestNews,
    grown,
    peakMemory: Math.max(...states.map(({ peakMemory }) => peakMemory)),
  };
}

/** Cancels the runs that are to be cancelled, from any node, at some time; resolves when it is through. */
async function cancelSome(
  plans: readonly PlannedRun[],
  nodes: readonly Program<RunsNode>[],
  times: RunTimes,
  random: () => number,
): Promise<readonly Cancelling[]> {
  const cancellings: Cancelling[] = [];
  const cancelOne = async ({ key }: PlannedRun, opens: number): Promise<void> => {
    await delay(opens + random() * times.longest * 0.5);
    for (const end = Date.now() + times.longest; Date.now() < end; await delay(times.pace)) {
      const from = Date.now();
      const result = await pick(nodes, random)
        .call("cancel", key)
        .catch(() => undefined);
      cancellings.push({ key, from, to: Date.now(), result });
      if (result === true) return;
    }
  };
  await Promise.all(
    plans.flatMap((plan, n) =>
      plan.ending === "cancelled" ? [cancelOne(plan, opensAt(n, plans.length, times))] : [],
    ),
  );
  return cancellings;
}

/** What is left on a node when all have gone, once what it keeps is to be forgotten. */
async function leftOf(
  name: string,
  node: Program<RunsNode>,
  timers: number,
  { keep }: RunTimes,
): Promise<readonly string[]> {
  const left = async (): Promise<string[]> => {
    const state = await node.call("state");
    const running = state.runs.filter((run) => run.state === "running").length;
    const some = [
      [state.connections, "connection(s)"],
      [state.active, "hub(s)"],
      [running, "running run(s)"],
      [state.runs.length - running, "kept run(s)"],
      [Math.max(0, state.timers - timers), "timer(s)"],
    ] as const;
    return some.filter(([count]) => count > 0).map(([count, what]) => `${name}: ${count} ${what}`);
  };
  await until(async () => (await left()).length === 0, "", keep + 5_000).catch(() => undefined);
  return left();
}

/** Keys that Redis keeps for longer than it is to. */
async function leftInRedis(
  send: (...command: string[]) => Promise<unknown>,
  { keep, longest }: RunTimes,
  outlasts: boolean,
): Promise<readonly string[]> {
  // What is kept longest is a run that took as long as it may; and an eighth more, as of all channels.
  const most = ((longest * 3 + keep + MARGIN) * 9) / 8;
  const left = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const key of (await send("KEYS", "*")) as string[]) {
      const ttl = Number(await send("PTTL", key));
      const isLate = outlasts || ttl > most;
      if (ttl === -1 || (ttl >= 0 && isLate)) found.push(`${key} for ${ttl} ms`);
    }
    return found;
  };
  if (outlasts)
    await until(async () => (await left()).length === 0, "", most).catch(() => undefined);
  return (await left()).slice(0, 10);
}
