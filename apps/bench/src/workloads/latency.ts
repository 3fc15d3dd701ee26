import { latency, perEvent } from "./columns.js";
import { fan } from "./load.js";
import type { Workload } from "./workload.js";

export const latency1000: Workload = {
  id: "latency-1000",
  title: "Latency",
  what: "Twenty events a second to 1,000 connections: the time from the making of an event to its reading, over all deliveries. The last connection of a turn waits for all before it, so it is the work for each that counts.",
  measure: "p50 of all deliveries, in milliseconds; the thin line goes to p99",
  columns: [
    latency("p50", "p50, ms"),
    latency("p99", "p99, ms"),
    latency("p999", "p99.9, ms"),
    perEvent("CPU a delivery, us"),
  ],
  upTo: "p99",
  plot: "bars",
  streams: "fan",
  without: { floor: "it is measured by CPU time alone" },
  points: [
    {
      load: fan({ connections: 1_000, turns: 200, gap: 50 }),
      gentler: { trpc: fan({ connections: 1_000, turns: 10, gap: 1_000 }) },
      quick: fan({ connections: 100, turns: 20, gap: 50 }),
    },
  ],
  repeats: { core: 3, rivals: 3, peers: 1 },
};
