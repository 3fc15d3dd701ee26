import { loadavg } from "node:os";
import { expect, it } from "vitest";
import { type Cost, fanOut, median } from "./fan-out.js";
import type { Kind } from "./programs/fan-out-server.js";

const CLIENTS = 10_000;
const EVENTS = 200;
const ROUNDS = 3;

it("H1: 10,000 connections on one channel", { timeout: 900_000 }, async ({ task }) => {
  const load = loadavg()[0]!.toFixed(2);
  const report = await fanOut(CLIENTS, EVENTS, ROUNDS);
  const { costs, perConnection, lost, doubled, strange, leaked } = report;
  task.meta.fault = {
    fault: "10,000 connections",
    load: `one channel, ${EVENTS} events one by one and ${EVENTS} in bursts of 10, ${ROUNDS} times`,
    lost,
    doubled,
    leaked: leaked.join(", "),
    peakMemory: report.peakMemory,
    figures: [
      `load of the machine before: ${load}`,
      ...[1, 10].map((burst) => figuresOf(costs.filter((cost) => cost.burst === burst))),
      `memory a connection: ${kib(perConnection.sluice)}; bare ${kib(perConnection.bare)}`,
    ],
  };
  expect({ lost, doubled, strange, leaked }).toEqual({
    lost: 0,
    doubled: 0,
    strange: 0,
    leaked: [],
  });
});

/** Sluice beside the least that Node allows, both under the same load of the machine. */
function figuresOf(costs: readonly Cost[]): string {
  const burst = costs[0]!.burst;
  const way = burst === 1 ? "one by one" : `${burst} a turn`;
  return `${way}: ${costOf("sluice", costs)}; bare ${costOf("bare", costs)}`;
}

function costOf(kind: Kind, costs: readonly Cost[]): string {
  const own = costs.filter((cost) => cost.kind === kind);
  const cpu = median(own.map(({ perDelivery }) => perDelivery)).toFixed(2);
  const rate = median(own.map(({ deliveriesPerSecond }) => deliveriesPerSecond)).toFixed(0);
  const [p50, p99] = [own.map((cost) => cost.p50), own.map((cost) => cost.p99)].map(median);
  return `${cpu} us CPU a delivery, ${rate} deliveries/s, p50 ${p50!} ms, p99 ${p99!} ms`;
}

function kib(bytes: number): string {
  return `${(bytes / 1_024).toFixed(1)} KiB`;
}
