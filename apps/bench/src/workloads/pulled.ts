import { latency, perCore, perEvent } from "./columns.js";
import { generators } from "./load.js";
import type { Workload } from "./workload.js";

const measure = "CPU time of the server for each event, in microseconds";

export const one: Workload = {
  id: "one",
  title: "One generator, as fast as it goes",
  what: "One connection reads what an async generator yields without waiting.",
  measure,
  columns: [perEvent("CPU an event, us"), perCore("events a second and core")],
  plot: "bars",
  streams: "one",
  points: [
    {
      load: generators(1, 200_000, 0),
      gentler: { trpc: generators(1, 20_000, 0) },
      quick: generators(1, 5_000, 0),
    },
  ],
  repeats: { core: 7, rivals: 3, peers: 1 },
};

export const generators1000: Workload = {
  id: "generators-1000",
  title: "1,000 generators",
  what: "Each connection has a generator of its own, which waits for a timer before each event.",
  measure,
  columns: [
    perEvent("CPU an event, us"),
    perCore("events a second and core"),
    latency("p50", "latency p50, ms"),
  ],
  plot: "bars",
  streams: "one",
  points: [
    {
      load: generators(1_000, 50, 20),
      gentler: { trpc: generators(1_000, 20, 20) },
      quick: generators(100, 10, 20),
    },
  ],
  repeats: { core: 5, rivals: 3, peers: 1 },
};
