import { format } from "../format.js";
import type { Finding } from "./judge.js";

const HEADINGS = ["measure", "value", "budget", "verdict"] as const;

/** The findings as lines of text, with what one has to know about those that are not in order. */
export function toTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ name, measured, budget, verdict }) => [
    name,
    measured === undefined ? "-" : `${format(measured.value)} ${measured.unit}`,
    budget === undefined ? "-" : `${format(budget.value)} + ${format(budget.allowance)}`,
    verdict,
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(...[HEADINGS, ...rows].map((row) => (row[column] ?? heading).length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return [line(HEADINGS), ...rows.map(line), ...notes(findings)].join("\n");
}

function notes(findings: readonly Finding[]): string[] {
  const impossible = new Set(findings.flatMap(({ impossible: why }) => why ?? []));
  return [
    ...findings.flatMap(noteOf),
    ...[...impossible].map((why) => `\nNot everything could be measured: ${why}`),
  ];
}

function noteOf({ name, verdict, measured, budget }: Finding): string[] {
  switch (verdict) {
    case "over":
      return [
        `\n${name} is above its budget. ${budget?.reason ?? ""}`,
        ...(measured?.parts ?? []).map((part) => `  ${part}`),
      ];
    case "loose":
      return [`\n${name} is far below its budget: tighten it (--update).`];
    case "no budget":
      return [
        `\n${name} has no budget in ${measured?.unit ?? "any unit"}: give it one (--update).`,
      ];
    case "not measured":
      return [`\n${name} has a budget and is not measured: take it away (--update).`];
    case "ok":
    case "not possible":
      return [];
  }
}
