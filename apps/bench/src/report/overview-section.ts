import { format } from "../format.js";
import type { Results } from "../results/results.js";
import { summarise } from "../results/summary.js";
import { subjects } from "../subjects.js";
import { workloads } from "../workloads/workloads.js";
import { table } from "./table.js";

/** What stands above the columns: workloads of which one figure says most. */
const SHOWN: Readonly<Record<string, string>> = {
  one: "one generator",
  "fan-1000": "fan-out",
  "burst-1000": "bursts",
  "latency-1000": "latency p50",
  "generators-1000": "1,000 generators",
  open: "opening",
  idle: "idle memory",
  replay: "replay",
};

/** How many times as much as Sluice each takes, all in one table. */
export function overviewSection(results: Results): string | undefined {
  const groups = workloads
    .filter(({ id }) => id in SHOWN)
    .map((workload) => summarise(workload, 0, results))
    .filter(({ rows }) => rows.some(({ against }) => against !== undefined));
  if (groups.length === 0) return undefined;
  const rows = subjects.flatMap((subject) => {
    const cells = groups.map(({ rows }) => {
      const against = rows.find((row) => row.subject === subject)?.against;
      return against === undefined ? "" : `${format(against.median)}×`;
    });
    return cells.every((cell) => cell === "") ? [] : [[subject.label, ...cells]];
  });
  return [
    "## How many times as much as Sluice the others take",
    "CPU time for the same work, but for the columns that say otherwise. Above 1 Sluice takes less. The sections below say how far each is to be believed.",
    table(["", ...groups.map(({ workload }) => SHOWN[workload.id] ?? "")], rows),
  ].join("\n\n");
}
