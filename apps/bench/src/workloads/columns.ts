// The columns that several workloads share. The load client prints nanoseconds.
import { type Column, figure, type Figures, latencyOf } from "./workload.js";

/** Microseconds of the server's CPU time for each event that a connection received. */
export const perEvent = (title: string): Column => ({
  key: "cpu",
  title,
  of: cpuPerEvent,
});

/** How many a core that does nothing else gets done: an unpaced run would measure the client. */
export const perCore = (title: string): Column => ({
  key: "perCore",
  title,
  of: (figures) => 1e6 / cpuPerEvent(figures),
});

/** Milliseconds from the making of an event to its reading. */
export const latency = (quantile: "p50" | "p99" | "p999", title: string): Column => ({
  key: quantile,
  title,
  of: (figures) => latencyOf(figures, quantile) / 1e6,
});

/** Microseconds of the server's CPU time for each connection. */
export const perConnection = (title: string): Column => ({
  key: "cpu",
  title,
  of: (figures) => figure(figures, "serverCpu") / figure(figures, "connections") / 1e3,
});

function cpuPerEvent(figures: Figures): number {
  return figure(figures, "serverCpu") / figure(figures, "events") / 1e3;
}
