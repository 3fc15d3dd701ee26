import { setTimeout as delay } from "node:timers/promises";
import { counted } from "../counted.js";
import { mulberry32, pick } from "../random.js";
import { opensAt, type PlannedRun, type RunTimes } from "../redis-runs-plan.js";
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

/** One client: one run after the other. Each run has one that begins with it, and a lonely one no other. */
async function visitor(client: number): Promise<void> {
  const { plans, clients, times } = options;
  const own = plans.filter((_, n) => n % clients === client);
  // Not all at once.
  if (own.length === 0) await delay((random() * times.duration) / 4);
  for (const plan of own) {
    const opens = opensAt(plans.indexOf(plan), plans.length, times);
    await delay(Math.max(0, opens - (performance.now() - began)));
    const listener = new RunListener(client, plan, testimony);
    if (plan.ending === "lonely") await leaveAlone(listener);
    else await follow(listener);
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
    return plan.ending !== "lonely" && age >= 0 && age < times.duration * IS_NEW_FOR;
  });
  return known.length === 0 ? undefined : pick(known, random);
}

/** Comes and goes until the end is told, and sometimes once more; or finds something else to do. */
async function follow(listener: RunListener): Promise<void> {
  waiting.set(listener.client, listener.plan.key);
  for (let again = random() < 0.3 ? 1 : 0; ;) {
    const visit = await listener.visit(chooseManner(random() < 0.3 ? "GET" : "POST"));
    if (isTheEnd(visit) && (again-- === 0 || isClosing())) break;
    if (visit.by === "client" && !isClosing() && random() < 0.1) break;
    await pause(visit);
  }
  waiting.delete(listener.client);
}

/** Starts a run that nobody else knows of, leaves it, and looks long after what has become of it. */
async function leaveAlone(listener: RunListener): Promise<void> {
  const { orphan, lease } = options.times;
  waiting.set(listener.client, listener.plan.key);
  for (;;) {
    const { node, port } = chooseManner("POST");
    const visit = await listener.visit({
      node,
      port,
      method: "POST",
      resumes: true,
      leavesAfter: 3,
    });
    if (visit.by === "client") break;
    await pause(visit);
  }
  await delay(orphan + lease + 1_000);
  for (;;) {
    const { node, port } = chooseManner("POST");
    const visit = await listener.visit({ node, port, method: "POST", resumes: true });
    if (isTheEnd(visit)) break;
    await pause(visit);
  }
  waiting.delete(listener.client);
}

function chooseManner(method: Visit["method"]): Manner {
  const { ports } = options;
  const node = random() < 0.5 ? 0 : 1;
  const manner = { node, port: ports[node]!, method, resumes: random() < 0.9 };
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
    const { plans, ports } = options;
    const manner: Manner = { node, port: ports[node]!, method: "GET", resumes: false };
    for (const [n, plan] of plans.entries())
      await new RunListener(-1 - n, plan, testimony).visit({ ...manner, leavesWithin: 10_000 });
  },
  report(): VisitorsReport {
    const { lost, doubled, tokens, faults, visits, resets } = testimony;
    const left = [...waiting].map(([client, key]) => `client ${client}: ${key}`);
    return { lost, doubled, tokens, faults, visits, resets: counted(resets), waiting: left };
  },
};

export type Visitors = typeof commands;
answer(commands);
