import { median } from "../statistics/quantile.js";
import { perEvent } from "./columns.js";
import { replay } from "./load.js";
import type { Workload } from "./workload.js";

export const replayed: Workload = {
  id: "replay",
  title: "Coming back for 10,000 events",
  what: "A client says the id of the last event that it has, and is sent all that came since.",
  measure: "CPU time of the server for each event, in microseconds",
  columns: [
    perEvent("CPU an event, us"),
    {
      key: "time",
      title: "time an event, us",
      of: ({ times = [], events }) => (median(times) * times.length) / events / 1e3,
    },
  ],
  plot: "bars",
  streams: "replay",
  points: [{ load: replay(10_000, 20), quick: replay(1_000, 3) }],
  repeats: { core: 3, rivals: 3, peers: 1 },
};
