import type { Crowd } from "./programs/crowd.js";
import type { FanOutServer, Kind } from "./programs/fan-out-server.js";
import { type Program, startProgram } from "./program.js";

/** What one way of publishing cost. */
export interface Cost {
  readonly kind: Kind;
  /** How many events were published in one turn. */
  readonly burst: number;
  /** CPU time of the server, in microseconds. */
  readonly perDelivery: number;
  readonly deliveriesPerSecond: number;
  /** From the publishing to the reading, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface FanOutReport {
  readonly costs: readonly Cost[];
  /** Memory of the server that a connection takes, in bytes. */
  readonly perConnection: Readonly<Record<Kind, number>>;
  readonly lost: number;
  readonly doubled: number;
  readonly strange: number;
  /** Connections and hubs that were left when the clients had gone. */
  readonly leaked: readonly string[];
  readonly peakMemory: number;
}

const PATHS = { sluice: "/channels/main", bare: "/bare" } as const;

/**
 * One channel with many clients, all in another process than the server: each gets each event once and
 * in order. What it costs is measured beside a server that does as little as Node allows.
 *
 * @param events - how many are published in each way
 * @param rounds - how often all is measured
 */
export async function fanOut(
  clients: number,
  events: number,
  rounds: number,
): Promise<FanOutReport> {
  const costs: Cost[] = [];
  const perConnection = { sluice: [] as number[], bare: [] as number[] };
  const totals = { lost: 0, doubled: 0, strange: 0, peakMemory: 0 };
  const leaked: string[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const kind of ["sluice", "bare"] as const) {
      const visit = await measure(kind, clients, events);
      costs.push(...visit.costs);
      perConnection[kind].push(visit.perConnection);
      totals.lost += visit.lost;
      totals.doubled += visit.doubled;
      totals.strange += visit.strange;
      leaked.push(...visit.leaked);
      if (kind === "sluice") totals.peakMemory = Math.max(totals.peakMemory, visit.peakMemory);
    }
  }
  return {
    costs,
    perConnection: { sluice: median(perConnection.sluice), bare: median(perConnection.bare) },
    ...totals,
    leaked,
  };
}

/** One way, in processes of its own: memory that once was in use is not given back at once. */
async function measure(kind: Kind, clients: number, events: number) {
  await using server = await startProgram<FanOutServer>("fan-out-server");
  await using crowd = await startProgram<Crowd>("crowd");
  const port = await server.call("listen", {});
  // What the first connections set up for good is no cost of the others.
  await crowd.call("connect", port, PATHS[kind], Math.min(clients, 500));
  await crowd.call("restart");
  await left(server);
  const before = await server.call("memory");
  await crowd.call("connect", port, PATHS[kind], clients);
  const after = await server.call("memory");

  const costs: Cost[] = [];
  const published: string[] = [];
  for (const burst of [1, 10]) {
    await crowd.call("latencies");
    const began = performance.now();
    const cpu = await server.call("cpu");
    const goal = published.length + events;
    while (published.length < goal) {
      const ids = await server.call("publish", kind, "main", burst, 40);
      published.push(...ids);
      await crowd.call("reached", published.length);
    }
    const used = (await server.call("cpu")) - cpu;
    const seconds = (performance.now() - began) / 1_000;
    const deliveries = events * clients;
    costs.push({
      kind,
      burst,
      perDelivery: used / deliveries,
      deliveriesPerSecond: deliveries / seconds,
      ...(await crowd.call("latencies")),
    });
  }
  const verdict = await crowd.call("verdict", PATHS[kind], published);
  const peakMemory = (await server.call("peak")) - before.rss;
  await crowd.call("restart");
  const leaked = await left(server);
  await server.call("close");
  const perConnection = (after.rss - before.rss) / clients;
  return { costs, perConnection, ...verdict, peakMemory, leaked };
}

/** What is left on the server of clients that have gone, once it had time to notice. */
export async function left(server: Program<FanOutServer>): Promise<readonly string[]> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const { active, connections } = await server.call("state");
    if (active === 0 && connections === 0) return [];
    if (performance.now() > deadline) return [`${active} hub(s)`, `${connections} connection(s)`];
  }
}

/** The middle one of several figures. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
