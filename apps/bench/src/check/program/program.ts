// The server whose costs are measured, in a process of its own.
import "reflect-metadata";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import Fastify from "fastify";
import { LimitSide } from "./limit-side.js";
import { AsyncResources } from "./meters/async-resources.js";
import { FunctionCalls } from "./meters/function-calls.js";
import { Marks } from "./meters/marks.js";
import type { Meter, Reading } from "./meters/meter.js";
import { YoungBytes } from "./meters/young-bytes.js";
import { obey } from "./orders.js";
import { addSluice, fill, publish } from "./sluice-side.js";
import { Sources, tick, type TickEvent } from "./sources.js";
import { inTurns } from "./turns.js";

const METERS = {
  bytes: YoungBytes,
  resources: AsyncResources,
  calls: FunctionCalls,
  marks: Marks,
} as const satisfies Record<string, new () => Meter>;

/** What a program can count; each does it by one meter only, for they disturb each other. */
export type MeterName = keyof typeof METERS;

/** Whose costs: Sluice's, or those of the least that does the same. */
export type Side = "sluice" | "limit";

const meter: Meter = new METERS[process.argv[2] as MeterName]();
const app = Fastify();
const sources = new Sources();
await addSluice(app, sources);
const limit = new LimitSide(app, sources);
const publishers: Readonly<Record<Side, (event: TickEvent) => void>> = {
  sluice: publish,
  limit: (event) => limit.publish(event),
};

async function metered(work: () => Promise<void>): Promise<Reading> {
  meter.start();
  await work();
  return meter.stop();
}

const orders = {
  /** Gives the port. */
  async listen(): Promise<number> {
    await app.listen({ port: 0, host: "127.0.0.1" });
    return (app.server.address() as AddressInfo).port;
  },
  fill,
  /** Counts what it takes to send so many events to everyone in each of so many turns. */
  publish(side: Side, turns: number, burst: number): Promise<Reading> {
    const send = publishers[side];
    return metered(() =>
      inTurns(turns, () => {
        for (let n = 0; n < burst; n++) send(tick(n));
      }),
    );
  },
  /** Counts what the generators do after so many beats, each in a turn of its own. */
  beat: (turns: number): Promise<Reading> =>
    metered(() => inTurns(turns, () => sources.pulse.beat())),
  /** Lets the generators end whose clients have left. */
  release: () => sources.pulse.beat(),
  /** Begins to count what clients cause. */
  start: () => meter.start(),
  stop: () => meter.stop(),
  /** How many bytes all objects take that are still needed. */
  async heap(): Promise<number> {
    for (let times = 0; times < 2; times++) {
      globalThis.gc!();
      await turn();
    }
    return process.memoryUsage().heapUsed;
  },
  /** How many things of each kind keep the process alive. */
  active(): Reading {
    const counts: Record<string, number> = {};
    for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1;
    return counts;
  },
};

export type CheckProgram = typeof orders;
obey(orders);
