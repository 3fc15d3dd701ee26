import { perCore, perEvent, latency } from "./columns.js";
import { fan } from "./load.js";
import type { Workload } from "./workload.js";

const columns = [
  perEvent("CPU a delivery, us"),
  perCore("deliveries a second and core"),
  latency("p50", "latency p50, ms"),
] as const;

const measure = "CPU time of the server for each delivery, in microseconds";

export const fan1000: Workload = {
  id: "fan-1000",
  title: "Fan-out to 1,000 connections",
  what: "One event at a time goes to everyone. Most of it is the kernel's: no server can do with less than one system call for each connection.",
  measure,
  columns,
  plot: "bars",
  streams: "fan",
  points: [
    {
      load: fan({ connections: 1_000, turns: 200, gap: 10 }),
      gentler: {
        hono: fan({ connections: 1_000, turns: 100, gap: 10 }),
        trpc: fan({ connections: 1_000, turns: 10, gap: 500 }),
      },
      quick: fan({ connections: 100, turns: 20, gap: 10 }),
    },
  ],
  repeats: { core: 11, rivals: 3, peers: 1 },
};

export const fan5000: Workload = {
  id: "fan-5000",
  title: "Fan-out to 5,000 connections",
  what: "The same with more connections than the caches of the processor hold.",
  measure,
  columns,
  plot: "bars",
  streams: "fan",
  points: [
    {
      load: fan({ connections: 5_000, turns: 60, gap: 10 }),
      gentler: {
        hono: fan({ connections: 5_000, turns: 15, gap: 10 }),
        h3: fan({ connections: 5_000, turns: 15, gap: 10 }),
      },
      quick: fan({ connections: 500, turns: 6, gap: 10 }),
    },
  ],
  without: { trpc: "one event would take it 1.7 s" },
  repeats: { core: 3, rivals: 3, peers: 1 },
};

export const burst1000: Workload = {
  id: "burst-1000",
  title: "Bursts to 1,000 connections",
  what: "Ten events in one turn of the event loop. Who joins them writes once to each connection; who does not writes ten times.",
  measure,
  columns,
  plot: "bars",
  streams: "fan",
  points: [
    {
      load: fan({ connections: 1_000, turns: 50, burst: 10, gap: 20 }),
      gentler: {
        hono: fan({ connections: 1_000, turns: 10, burst: 10, gap: 20 }),
        h3: fan({ connections: 1_000, turns: 10, burst: 10, gap: 20 }),
        trpc: fan({ connections: 1_000, turns: 2, burst: 10, gap: 500 }),
      },
      quick: fan({ connections: 100, turns: 5, burst: 10, gap: 20 }),
    },
  ],
  repeats: { core: 9, rivals: 3, peers: 1 },
};

export const burst5000: Workload = {
  id: "burst-5000",
  title: "Bursts to 5,000 connections",
  what: "The same with five times as many.",
  measure,
  columns,
  plot: "bars",
  streams: "fan",
  points: [
    {
      load: fan({ connections: 5_000, turns: 12, burst: 10, gap: 20 }),
      gentler: {
        hono: fan({ connections: 5_000, turns: 2, burst: 10, gap: 20 }),
        h3: fan({ connections: 5_000, turns: 2, burst: 10, gap: 20 }),
      },
      quick: fan({ connections: 500, turns: 2, burst: 10, gap: 20 }),
    },
  ],
  without: { trpc: "one burst would take it 17 s" },
  repeats: { core: 2, rivals: 1, peers: 1 },
};
