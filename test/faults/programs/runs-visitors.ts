import { setTimeout as delay } from "node:timers/promises";
import { counted } from "../counted.js";
import { mulberry32, pick } from "../random.js";
import { isLittleKnown, opensAt, type PlannedRun, type RunTimes } from "../redis-runs-plan.js";
import { type Manner, RunListener, RunTestimony, type Visit } from "../redis-runs-visit.js";
import { answer } from "./answer.js";

/** What the visitors are told. */
export interface VisitorsOptions {
  readonly ports: readonly number[];
  readonly plans: readonly PlannedRun[];
  readonly clients: number;
  readonly times: RunTimes;
  readonly seed: number;
}

/** What they have seen. */
export interface VisitorsReport {
  readonly lost: number;
  readonly doubled: number;
  readonly tokens: number;
  readonly faults: readonly string[];
  /** By reason. */
  readonly resets: Readonly<Record<string, number>>;
  readonly visits: readonly Visit[];
  /** Clients that have not come to an end, with their keys. */
  readonly waiting: readonly string[];
}

/** How long visitors find a run new, in shares of the whole time. */
const IS_NEW_FOR = 0.2;

const testimony = new RunTestimony();
const waiting = new Map<number, string>();
let options!: VisitorsOptions;
let random!: () => number;
let began = 0;
const closing = new AbortController();
let all: Promise<unknown> | undefined;

/** Whoever comes now stays. */
function isClosing(): boolean {
  return closing.signal.aborted;
}

/** One client: one run after the other. Each begins with two that come at once, to both nodes. */
async function visitor(client: number): Promise<void> {
  const { plans, clients, times } = options;
  const half = Math.floor(clients / 2);
  const isOfUse = plans.some((_, n) => n % clients === client || (n + half) % clients === client);
  // Not all at once.
  if (!isOfUse) await delay((random() * times.duration) / 4);
  for (const [n, plan] of plans.entries()) {
    const listener = new RunListener(client, plan, testimony);
    const opens = Math.max(0, opensAt(n, plans.length, times) - (performance.now() - began));
    if (n % clients === client) {
      await delay(opens);
      if (plan.ending === "lonely") await leaveAlone(listener);
      else if (plan.ending === "watched") await begin(listener, n % 2, plan.tokens / 3);
      else await follow(listener, 0);
    } else if ((n + half) % clients === client && plan.ending !== "lonely") {
      await delay(opens);
      if (plan.ending === "watched") await watch(listener, 1 - (n % 2));
      else await follow(listener, 1);
    }
  }
  while (!isClosing()) {
    const plan = chooseRun();
    if (plan === undefined) await delay(50);
    else await follow(new RunListener(client, plan, testimony));
  }
}

/** One of those that are new; mostly there are such. */
function chooseRun(): PlannedRun | undefined {
  const { plans, times } = options;
  const now = performance.now() - began;
  const known = plans.filter((plan, n) => {
    const age = now - opensAt(n, plans.length, times);
    return !isLittleKnown(plan.ending) && age >= 0 && age < times.duration * IS_NEW_FOR;
  });
  return known.length === 0 ? undefined : pick(known, random);
}

/**
 * Comes and goes until the end is told, and sometimes once more; or finds something else to do.
 *
 * @param first - the node that it comes to first, to begin the run
 */
async function follow(listener: RunListener, first?: number): Promise<void> {
  waiting.set(listener.client, listener.plan.key);
  for (let again = random() < 0.3 ? 1 : 0, n = 0; ; n++) {
    const begins = first !== undefined && n === 0;
    const manner = chooseManner(random() < 0.3 ? "GET" : "POST");
    const visit = await listener.visit(begins ? { ...manner, ...at(first) } : manner);
    if (isTheEnd(visit) && (again-- === 0 || isClosing())) break;
    if (visit.by === "client" && !isClosing() && random() < 0.1) break;
    await pause(visit);
  }
  waiting.delete(listener.client);
}

/** Starts a run that nobody else knows of, leaves it, and looks long after what has become of it. */
async function leaveAlone(listener: RunListener): Promise<void> {
  const { orphan, lease } = options.times;
  await begin(listener, pick([0, 1], random), 3);
  waiting.set(listener.client, listener.plan.key);
  await delay(orphan + lease + 1_000);
  for (;;) {
    const visit = await listener.visit(at(pick([0, 1], random)));
    if (isTheEnd(visit)) break;
    await pause(visit);
  }
  waiting.delete(listener.client);
}

/** Starts a run at a node, or at the other while that is down, and leaves it after so many tokens. */
async function begin(listener: RunListener, node: number, tokens: number): Promise<void> {
  waiting.set(listener.client, listener.plan.key);
  for (let n = node; ; n = 1 - n) {
    const visit = await listener.visit({ ...at(n), leavesAfter: Math.floor(tokens) });
    if (visit.by !== "server") break;
    await pause(visit);
  }
  waiting.delete(listener.client);
}

/** Joins a run at a node as soon as there is one, and stays. */
async function watch(listener: RunListener, node: number): Promise<void> {
  waiting.set(listener.client, listener.plan.key);
  for (let n = node; ;) {
    const visit = await listener.visit({ ...at(n), method: "GET" });
    if (isTheEnd(visit)) break;
    if (visit.status === undefined) n = 1 - n;
    await delay(20);
  }
  waiting.delete(listener.client);
}

function at(node: number): Manner {
  return { node, port: options.ports[node]!, method: "POST", resumes: true };
}

function chooseManner(method: Visit["method"]): Manner {
  const manner = { ...at(random() < 0.5 ? 0 : 1), method, resumes: random() < 0.9 };
  const roll = random();
  if (isClosing() || roll < 0.25) return manner;
  const leavesHard = random() < 0.5;
  if (roll < 0.75) return { ...manner, leavesAfter: 1 + Math.floor(random() * 12), leavesHard };
  return { ...manner, leavesWithin: random() * 1_500, leavesHard };
}

/** There never was one, or its end was told. */
function isTheEnd({ by, status, method }: Visit): boolean {
  return by === "told" || (isClosing() && status === 404 && method === "GET");
}

async function pause({ by, status }: Visit): Promise<void> {
  // As a client that was cut off, and as one that comes when it likes.
  if (by === "server" && status === 200) await delay(20 + random() * 100);
  else await delay(20 + random() ** 2 * (isClosing() ? 200 : 2_000));
}

const commands = {
  /** All begin to come and go. */
  start(given: VisitorsOptions): void {
    options = given;
    random = mulberry32(given.seed);
    began = performance.now();
    all = Promise.all(Array.from({ length: given.clients }, (_, n) => visitor(n)));
  },
  /** From now on, whoever comes stays; resolves when all have come to an end, or it took too long. */
  async close(within: number): Promise<void> {
    closing.abort();
    await Promise.race([all, delay(within)]);
  },
  /** Looks at every run from the beginning, where there is one, so that none is unheard of. */
  async lookAtAll(node: number): Promise<void> {
    const manner: Manner = { ...at(node), method: "GET", resumes: false, leavesWithin: 10_000 };
    for (const [n, plan] of options.plans.entries())
      await new RunListener(-1 - n, plan, testimony).visit(manner);
  },
  report(): VisitorsReport {
    const { lost, doubled, tokens, faults, visits, resets } = testimony;
    const left = [...waiting].map(([client, key]) => `client ${client}: ${key}`);
    return { lost, doubled, tokens, faults, visits, resets: counted(resets), waiting: left };
  },
};

export type Visitors = typeof commands;
answer(commands);
