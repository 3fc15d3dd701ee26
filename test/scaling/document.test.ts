import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/process.mjs";
import { inputs } from "../../scripts/scaling/inputs.mjs";
import { printPlan, readWorkload } from "../../scripts/scaling/plan.mjs";
import { draw } from "../../scripts/scaling/plot.mjs";
import { printAll } from "../../scripts/scaling/storm.mjs";
import { afterAll } from "../../scripts/scaling/storms.mjs";
import { markdown, readable } from "../../scripts/scaling/table.mjs";

const text = readFileSync(join(root, "docs/SCALING.md"), "utf8");

/** The table below each comment that says what prints it, with its lines as they are. */
const printed = new Map(
  [...text.matchAll(/^<!-- printed: (.+) -->\n\n((?:\|.*\n)+)/gm)].map(
    ([, command, table]) => [command!, table!.trimEnd()] as const,
  ),
);

const plans = [...printed].filter(([command]) => command.startsWith("plan"));

test("the document has the plans for one million and ten million connections", () => {
  const sizes = plans.map(([command]) => readWorkload(command.split(" ").slice(1)).connections);
  expect(new Set(sizes)).toEqual(new Set([1_000_000, 10_000_000]));
});

test.each(plans)("%s prints the table in the document", (command, table) => {
  expect(printPlan(readWorkload(command.split(" ").slice(1)))).toBe(table);
});

test(
  "storm.mjs prints the tables in the document, and draws its plot",
  { timeout: 120_000 },
  () => {
    const all = afterAll();
    const tables = printAll(all);
    expect(tables.process).toBe(printed.get("storm: a process dies"));
    expect(tables.all).toBe(printed.get("storm: all connections are lost"));
    expect(tables.redis).toBe(printed.get("storm: Redis restarts"));
    expect(readFileSync(join(root, "docs/images/resume-storm.svg"), "utf8")).toBe(draw(all));
  },
);

test("the inputs in the document are those that the programs reckon with", () => {
  const rows = Object.entries(inputs).map(([name, { value, unit, what, from }]) => [
    `\`${name}\``,
    `${value === 0 ? "0" : readable(value)} ${unit}`.trim(),
    what,
    from,
  ]);
  expect(markdown(["Name", "Value", "What", "From"], rows)).toBe(printed.get("inputs.mjs"));
});
