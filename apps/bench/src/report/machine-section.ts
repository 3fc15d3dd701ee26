import type { Environment } from "../results/environment.js";
import { subjects } from "../subjects.js";
import { table } from "./table.js";

/** Where and of what it was measured. */
export function machineSection(environment: Environment): string {
  const { date, commits, processor, cores, memory, kernel, node, load, versions } = environment;
  const machine = [
    ["measured", date],
    ["processor", `${processor}, ${cores} ${cores === 1 ? "core" : "cores"}`],
    ["memory", `${memory} GB`],
    ["kernel", kernel],
    ["Node", node],
    ["load before the start", String(load)],
    ["Sluice", commits.join(", ")],
  ];
  const packages = subjects.flatMap(({ packages }) =>
    packages.flatMap((name) => {
      const version = versions[name];
      return version === undefined ? [] : [`${name} ${version}`];
    }),
  );
  return [
    "## Machine and versions",
    table(
      ["", ""],
      machine.filter(([, value]) => value !== ""),
      "ll",
    ),
    ...(packages.length === 0 ? [] : [`${packages.join(", ")}.`]),
  ].join("\n\n");
}
