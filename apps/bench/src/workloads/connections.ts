import { latency, perConnection } from "./columns.js";
import { idle, open } from "./load.js";
import { figure, type Workload } from "./workload.js";

export const idleConnections: Workload = {
  id: "idle",
  title: "Idle connections",
  what: "10,000 connections on which nothing happens, long enough for a keep-alive every 15 s, where there is one. Memory is what the process holds afterwards and did not before, garbage collected both times.",
  measure: "Resident memory for each connection, in KB",
  columns: [
    {
      key: "memory",
      title: "RSS a connection, KB",
      of: (figures) =>
        (figure(figures, "rssAfter") - figure(figures, "rssBefore")) /
        figure(figures, "connections") /
        1e3,
    },
    {
      key: "cpu",
      title: "CPU of the hold, ms",
      of: (figures) => figure(figures, "serverCpu") / 1e6,
    },
    {
      key: "comments",
      title: "keep-alives a connection",
      of: (figures) => figure(figures, "comments") / figure(figures, "connections"),
    },
  ],
  plot: "bars",
  streams: "idle",
  points: [
    {
      load: idle(10_000, 17_000),
      gentler: { trpc: idle(2_000, 17_000) },
      quick: idle(500, 1_000),
    },
  ],
  repeats: { core: 3, rivals: 3, peers: 1 },
};

export const openConnections: Workload = {
  id: "open",
  title: "Opening connections",
  what: "Clients connect, read the first event and leave.",
  measure: "CPU time of the server for each connection, in microseconds",
  columns: [
    perConnection("CPU a connection, us"),
    {
      key: "rate",
      title: "connections a second",
      of: (figures) => (figure(figures, "connections") / figure(figures, "elapsed")) * 1e9,
    },
    latency("p50", "first event p50, ms"),
    latency("p99", "first event p99, ms"),
  ],
  plot: "bars",
  streams: "open",
  points: [
    {
      load: open(5_000, 50),
      gentler: { trpc: open(2_000, 50) },
      quick: open(500, 50),
    },
  ],
  repeats: { core: 6, rivals: 3, peers: 1 },
};
