import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { bench, root } from "../folders.js";
import { type Results, serialise } from "../results/results.js";
import { summarise } from "../results/summary.js";
import type { Workload } from "../workloads/workload.js";
import { workloads } from "../workloads/workloads.js";
import { drawBars } from "./bars.js";
import { drawCurves } from "./curves.js";
import { page } from "./page.js";

/** Writes the page, its plots and the results into a folder, which is made if need be. */
export function writeReport(results: Results, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string): void => writeFileSync(join(folder, name), content);
  write("results.json", serialise(results));
  write("README.md", page(results, relative(folder, join(bench, "README.md"))));
  for (const workload of workloads) {
    const plot = plotOf(workload, results);
    if (plot !== undefined) write(`${workload.id}.svg`, plot);
  }
  tidy(folder);
}

function plotOf(workload: Workload, results: Results): string | undefined {
  const groups = workload.points.map((_, point) => summarise(workload, point, results));
  if (workload.plot === "none" || groups.every(({ rows }) => rows.length === 0)) return undefined;
  return workload.plot === "curves" ? drawCurves(workload, groups) : drawBars(groups[0]!);
}

/** Formats what will be committed as the repository wants it. */
function tidy(folder: string): void {
  const formatter = join(root, "node_modules/oxfmt/bin/oxfmt");
  if (!existsSync(formatter)) return;
  const files = ["README.md", "results.json"].map((name) => join(folder, name));
  spawnSync(process.execPath, [formatter, ...files], { cwd: root, stdio: "ignore" });
}
