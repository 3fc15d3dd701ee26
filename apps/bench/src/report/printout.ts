import { format } from "../format.js";
import { judge } from "../results/judge.js";
import type { Results } from "../results/results.js";
import { summarise } from "../results/summary.js";
import { targets } from "../targets.js";
import type { Workload } from "../workloads/workload.js";
import { workloads } from "../workloads/workloads.js";
import { counted } from "./targets-section.js";

/** The figures for a terminal: of each workload the first column, and how they compare. */
export function printout(results: Results): string {
  const blocks = workloads.flatMap((workload) =>
    workload.points.map((_, point) => block(workload, point, results)),
  );
  const judgements = targets.map((target) => judge(target, results.measurements));
  const verdict = results.quick ? [] : [counted(judgements)];
  return [...blocks.filter((block) => block !== ""), ...verdict].join("\n\n");
}

function block(workload: Workload, point: number, results: Results): string {
  const { rows } = summarise(workload, point, results);
  if (rows.length === 0) return "";
  const [{ key, title }] = workload.columns;
  const x = workload.points[point]?.x;
  const place = x === undefined ? "" : ` at ${x.toLocaleString("en-US")}`;
  const lines = rows.map(({ subject, medians, least, most, against }) => {
    const range = least === most ? "" : `(${format(least)} to ${format(most)})`;
    const ratio = against === undefined ? "" : `${format(against.median)} × Sluice`;
    const figure = format(medians[key] ?? Number.NaN).padStart(8);
    return `  ${subject.label.padEnd(17)}${figure}  ${range.padEnd(18)}${ratio}`.trimEnd();
  });
  return [`${workload.id}${place}: ${title}`, ...lines].join("\n");
}
