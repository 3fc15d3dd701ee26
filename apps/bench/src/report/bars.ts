import { format } from "../format.js";
import type { Group, Row } from "../results/summary.js";
import { quantile } from "../statistics/quantile.js";
import { px, svg, text } from "./svg.js";

const WIDTH = 760;
/** Where bars begin, and where the longest ends. */
const LEFT = 168;
const RIGHT = 590;
const TOP = 96;
/** From one bar to the next. */
const STEP = 32;
const THICK = 20;
/** Bars of more than so many times the upper quartile are cut, or nothing could be seen of the others. */
const CUT = 4;

/** Draws a bar for each subject, the shortest first. */
export function drawBars({ workload, rows }: Group): string {
  const [{ key }] = workload.columns;
  const valueOf = (row: Row): number => Math.max(0, row.medians[key] ?? 0);
  const sorted = rows.toSorted((one, other) => valueOf(one) - valueOf(other));
  const end = domain(sorted.map(valueOf));
  const x = (value: number): number => LEFT + ((RIGHT - LEFT) * Math.min(value, end)) / end;

  const height = TOP + sorted.length * STEP + 16;
  const parts = sorted.flatMap((row, i) =>
    bar(row, TOP + i * STEP, { x, end, key, upTo: workload.upTo }),
  );
  const own = rows.find(isSluice);
  const mark = own === undefined ? [] : [line(x(valueOf(own)), TOP - 8, height - 14)];
  return svg({ width: WIDTH, height }, `${workload.title}: ${workload.measure}`, [
    text(20, 34, workload.title, { kind: "title" }),
    text(20, 60, `${workload.measure}; less is better`, { kind: "soft" }),
    aside("× Sluice", 84),
    ...mark,
    ...parts,
  ]);
}

/** The value at which the longest bar ends. */
function domain(values: readonly number[]): number {
  const most = CUT * quantile(values, 0.75);
  return Math.max(...values.filter((value) => value <= most)) || 1;
}

interface Frame {
  readonly x: (value: number) => number;
  readonly end: number;
  readonly key: string;
  readonly upTo: string | undefined;
}

function bar(row: Row, top: number, { x, end, key, upTo }: Frame): string[] {
  const { subject, medians, least, most, against } = row;
  const value = Math.max(0, medians[key] ?? 0);
  const middle = top + THICK / 2;
  const base = middle + 6;
  const isCut = value > end;
  const stop = x(value);
  // The thin line goes from the least to the most, or up to a worse quantile.
  const [from, to] = upTo === undefined ? [least, most] : [value, medians[upTo] ?? value];
  const reach = isCut ? stop : x(Math.max(value, to));
  const strong = isSluice(row) ? "strong" : "";
  return [
    text(LEFT - 12, base, subject.label, { anchor: "end", ...(strong && { kind: strong }) }),
    `<rect x="${LEFT}" y="${px(top)}" width="${px(Math.max(stop - LEFT, 1))}" height="${THICK}" rx="2" ${look(row)}/>`,
    ...(isCut
      ? [cut(stop - 26, top)]
      : [whisker(x(Math.max(0, from)), reach, middle, upTo === undefined)]),
    text(reach + 10, base, format(value), { kind: "strong" }),
    ...(against === undefined ? [] : [aside(`${format(against.median)}×`, base)]),
  ];
}

/** In the column at the right. */
function aside(content: string, y: number): string {
  return text(WIDTH - 20, y, content, { kind: "soft", anchor: "end" });
}

/** Sluice stands out; bounds are outlines, for they are nothing that one could use. */
function look(row: Row): string {
  if (isSluice(row)) return `fill="var(--a)"`;
  if (row.subject.kind === "peer") return `fill="var(--bar)"`;
  return `fill="var(--paper)" stroke="var(--soft)" stroke-width="1.5" stroke-dasharray="5 3"`;
}

function isSluice({ subject }: Row): boolean {
  return subject.kind === "sluice";
}

/** Two slanted lines across a bar that is longer than it is drawn. */
function cut(x: number, top: number): string {
  const stroke = (at: number): string => `M${px(at)} ${px(top + THICK + 3)}l8 ${-(THICK + 6)}`;
  return `<path d="${stroke(x)}${stroke(x + 7)}" stroke="var(--paper)" stroke-width="3.5" fill="none"/>`;
}

function whisker(from: number, to: number, y: number, capped: boolean): string {
  if (to - from < 1) return "";
  const caps = capped
    ? `M${px(from)} ${px(y - 4)}v8M${px(to)} ${px(y - 4)}v8`
    : `M${px(to)} ${px(y - 4)}v8`;
  return `<path d="M${px(from)} ${px(y)}H${px(to)}${caps}" stroke="var(--ink)" stroke-width="1.5" fill="none"/>`;
}

function line(x: number, top: number, bottom: number): string {
  return `<path class="grid" d="M${px(x)} ${px(top)}V${px(bottom)}" stroke-dasharray="2 4"/>`;
}
