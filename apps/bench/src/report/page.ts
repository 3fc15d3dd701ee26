import type { Results } from "../results/results.js";
import { workloads } from "../workloads/workloads.js";
import { deviationsSection } from "./deviations-section.js";
import { machineSection } from "./machine-section.js";
import { methodSection } from "./method-section.js";
import { overviewSection } from "./overview-section.js";
import { targetsSection } from "./targets-section.js";
import { workloadSection } from "./workload-section.js";

/**
 * The report as Markdown. The same results give the same text.
 *
 * @param manual - where the benchmark's own document is, from the report
 */
export function page(results: Results, manual: string): string {
  const sections = [
    "# Benchmarks",
    `What Sluice costs, beside other frameworks and beside what Node and the operating system allow at all. This page, its plots and [its figures](results.json) are written by \`npm run bench\`; [the benchmark's own document](${manual}) says how to run it and what it is made of.`,
    ...(results.quick
      ? ["**This was a quick run, to see that everything works: its figures say nothing.**"]
      : []),
    ...(results.interrupted ? ["**This run was interrupted: not everything was measured.**"] : []),
    overviewSection(results),
    targetsSection(results),
    methodSection(results),
    machineSection(results.environment),
    "## Workloads",
    ...workloads.map((workload) => workloadSection(workload, results)),
    deviationsSection(results),
  ];
  return `${sections.filter((section) => section !== undefined).join("\n\n")}\n`;
}
