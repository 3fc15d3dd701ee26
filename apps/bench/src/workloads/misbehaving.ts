import { leave, stall } from "./load.js";
import { figure, type Figures, type Workload } from "./workload.js";

export const stalledClient: Workload = {
  id: "stall",
  title: "A client that stops reading",
  what: "100 MB are published to two clients. One reads; the other one has stopped, and its connection stays open. Memory grows by what the server keeps for that client, by the history of a server that has one, and by garbage that was not collected yet. The last two are there without that client too: the same is measured without it, and taken off.",
  measure: "Growth of resident memory that is the stalled client's, in MB",
  columns: [
    {
      key: "held",
      title: "growth by that client, MB",
      of: (figures, control) =>
        control === undefined ? Number.NaN : Math.max(0, growth(figures) - growth(control)),
    },
    { key: "growth", title: "growth in all, MB", of: growth },
    {
      key: "anyway",
      title: "without that client, MB",
      of: (_, control) => (control === undefined ? Number.NaN : growth(control)),
    },
    {
      key: "closed",
      title: "server closed it",
      of: (figures) => Math.min(figure(figures, "stalledClosed"), 1),
      words: ["no", "yes"],
    },
  ],
  plot: "bars",
  streams: "fan",
  points: [{ load: stall(1_000, 10, 10_000, 2), quick: stall(100, 10, 10_000, 2) }],
  repeats: { core: 3, rivals: 3, peers: 1 },
};

export const leavingClients: Workload = {
  id: "leave",
  title: "Clients that leave in the middle",
  what: "Generators that yield without end are stopped by backpressure; then their clients leave. A generator whose `finally` has not run 10 s later holds what it holds for ever.",
  measure: "Generators that still live",
  columns: [
    {
      key: "live",
      title: "generators still live",
      of: (figures) => figure(figures, "live"),
    },
  ],
  plot: "none",
  streams: "endless",
  points: [{ load: leave(20, 10_000), quick: leave(5, 10_000) }],
  repeats: { core: 3, rivals: 1, peers: 1 },
};

function growth(figures: Figures): number {
  return (figure(figures, "rssPeak") - figure(figures, "rssBefore")) / 1e6;
}
