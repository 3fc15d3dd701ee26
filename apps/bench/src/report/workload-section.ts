import { format, percent } from "../format.js";
import type { Results } from "../results/results.js";
import { type Group, type Row, summarise } from "../results/summary.js";
import { subjects } from "../subjects.js";
import type { Column, Workload } from "../workloads/workload.js";
import { loadOf, participants } from "../workloads/workloads.js";
import { table } from "./table.js";

/** A workload in the report: what it is, its plot, its figures; nothing if it was not measured. */
export function workloadSection(workload: Workload, results: Results): string | undefined {
  const groups = workload.points.map((_, point) => summarise(workload, point, results));
  if (groups.every(({ rows }) => rows.length === 0)) return undefined;
  const plot = workload.plot === "none" ? [] : [`![${workload.title}](${workload.id}.svg)`];
  const figures = workload.plot === "curves" ? curveTable(groups) : barTable(groups[0]!);
  return [
    `### ${workload.title}`,
    `\`${workload.id}\`: ${workload.what}`,
    ...plot,
    figures,
    ...remarks(workload, groups, results),
  ].join("\n\n");
}

function barTable({ workload, rows }: Group): string {
  const [first, ...others] = workload.columns;
  const head = [
    "",
    first.title,
    "range",
    "× Sluice",
    ...others.map(({ title }) => title),
    "client busy",
    "repeats",
  ];
  return table(
    head,
    rows.map((row) => [
      emphasis(row, row.subject.label),
      emphasis(row, shown(first, row)),
      row.least === row.most ? "" : `${written(first, row.least)} to ${written(first, row.most)}`,
      against(row),
      ...others.map((column) => shown(column, row)),
      percent(row.clientBusy),
      String(row.repeats),
    ]),
  );
}

function curveTable(groups: readonly Group[]): string {
  const { workload } = groups[0]!;
  const [{ key }] = workload.columns;
  const taking = participants(workload).filter((subject) =>
    groups.some(({ rows }) => rows.some((row) => row.subject === subject)),
  );
  const head = workload.points.map(({ x = 1 }) => x.toLocaleString("en-US"));
  return table(
    [workload.along ?? "", ...head, "client busy", "repeats"],
    taking.map((subject) => {
      const own = groups.map(({ rows }) => rows.find((row) => row.subject === subject));
      const busy = Math.max(...own.map((row) => row?.clientBusy ?? 0));
      return [
        subject.kind === "sluice" ? `**${subject.label}**` : subject.label,
        ...own.map((row) => (row === undefined ? "" : format(row.medians[key] ?? Number.NaN))),
        percent(busy),
        String(Math.max(...own.map((row) => row?.repeats ?? 0))),
      ];
    }),
  );
}

function emphasis({ subject }: Row, content: string): string {
  return subject.kind === "sluice" ? `**${content}**` : content;
}

function shown(column: Column, { medians }: Row): string {
  return written(column, medians[column.key] ?? Number.NaN);
}

function written({ words }: Column, value: number): string {
  return words === undefined ? format(value) : words[value < 0.5 ? 0 : 1];
}

function against({ against }: Row): string {
  if (against === undefined) return "";
  const { median, low, high } = against;
  return low === high ? format(median) : `${format(median)} (${format(low)} to ${format(high)})`;
}

/** What has to be known to read a table. */
function remarks(workload: Workload, groups: readonly Group[], { quick }: Results): string[] {
  const usual = workload.points.map(({ load, quick: short }) => (quick ? short : load).pace);
  const lines = [`${upper(workload.pace ?? usual.join("; "))}.`];
  for (const { point, rows } of groups) {
    const place = workload.points[point]!;
    for (const { subject } of rows) {
      const own = loadOf(place, subject, quick).pace;
      if (own !== usual[point]) lines.push(`${subject.label}, because it takes long: ${own}.`);
    }
  }
  for (const [name, reason] of Object.entries(workload.without ?? {})) {
    const label = subjects.find((subject) => subject.name === name)?.label ?? name;
    lines.push(`Without ${label}: ${reason}.`);
  }
  return [lines.join(" ")];
}

function upper(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
