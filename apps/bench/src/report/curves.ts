import type { Group } from "../results/summary.js";
import type { Subject } from "../subjects.js";
import type { Workload } from "../workloads/workload.js";
import { spread } from "./spread.js";
import { px, svg, text } from "./svg.js";

const WIDTH = 760;
const HEIGHT = 470;
const LEFT = 64;
const RIGHT = 600;
const TOP = 92;
const BOTTOM = 396;
/** How far apart the names at the lines' ends are at least. */
const APART = 22;

/** Colours, and marks around a point, so that nobody needs the colour. */
const LOOKS = [
  ["--a", "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z"],
  ["--b", "M-5-5h10v10h-10Z"],
  ["--c", "M0-6L6 5H-6Z"],
  ["--d", "M0-6L6 0L0 6L-6 0Z"],
  ["--e", "M0 6L6-5H-6Z"],
  ["--f", "M-6-2h4v-4h4v4h4v4h-4v4h-4v-4h-4Z"],
  ["--g", "M-5-5L5 5M-5 5L5-5"],
] as const;

interface Line {
  readonly subject: Subject;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Draws a line for each subject over the points of a workload, on logarithmic scales. */
export function drawCurves(workload: Workload, groups: readonly Group[]): string {
  const lines = linesOf(workload, groups);
  const all = lines.flatMap(({ points }) => points);
  const xs = workload.points.map(({ x = 1 }) => x);
  const ys = all.map(({ y }) => y);
  const x = scale(Math.min(...xs), Math.max(...xs), LEFT + 12, RIGHT - 12);
  const y = scale(Math.min(...ys) / 1.15, Math.max(...ys) * 1.15, BOTTOM, TOP);
  const places = spread(
    lines.map(({ points }) => y(points.at(-1)?.y ?? 1)),
    APART,
  );

  return svg({ width: WIDTH, height: HEIGHT }, `${workload.title}: ${workload.measure}`, [
    text(20, 34, workload.title, { kind: "title" }),
    text(20, 60, `${workload.measure}; less is better`, { kind: "soft" }),
    ...ticks(Math.min(...ys) / 1.15, Math.max(...ys) * 1.15).map((tick) => {
      const at = y(tick);
      const grid = `<path class="grid" d="M${LEFT} ${px(at)}H${RIGHT}"/>`;
      return (
        grid +
        text(LEFT - 10, at + 5, tick.toLocaleString("en-US"), { kind: "soft", anchor: "end" })
      );
    }),
    ...xs.map((tick) =>
      text(x(tick), BOTTOM + 26, tick.toLocaleString("en-US"), { kind: "soft", anchor: "middle" }),
    ),
    text((LEFT + RIGHT) / 2, BOTTOM + 54, workload.along ?? "", { kind: "soft", anchor: "middle" }),
    // Sluice is drawn last, over the others.
    ...lines.map((line, i) => drawn(line, i, places[i] ?? 0, x, y)).toReversed(),
  ]);
}

function linesOf(workload: Workload, groups: readonly Group[]): Line[] {
  const [{ key }] = workload.columns;
  const subjects = [...new Set(groups.flatMap(({ rows }) => rows.map(({ subject }) => subject)))];
  return subjects.map((subject) => ({
    subject,
    points: groups.flatMap(({ point, rows }) => {
      const y = rows.find((row) => row.subject === subject)?.medians[key];
      return y === undefined ? [] : [{ x: workload.points[point]?.x ?? 1, y }];
    }),
  }));
}

function drawn(
  { subject, points }: Line,
  index: number,
  place: number,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const [colour, mark] = LOOKS[index % LOOKS.length]!;
  const at = points.map((point) => `${px(x(point.x))} ${px(y(point.y))}`);
  const last = points.at(-1);
  const dash = subject.kind === "bound" ? ` stroke-dasharray="7 5"` : "";
  const width = subject.kind === "sluice" ? 4 : 2;
  const leader =
    last === undefined
      ? ""
      : `<path class="grid" d="M${px(x(last.x) + 8)} ${px(y(last.y))}L${RIGHT + 8} ${px(place)}"/>`;
  return [
    leader,
    `<path d="M${at.join("L")}" fill="none" stroke="var(${colour})" stroke-width="${width}"${dash}/>`,
    ...at.map(
      (place) =>
        `<path d="${mark}" transform="translate(${place})" fill="var(${colour})" stroke="var(${colour})" stroke-width="1.5"/>`,
    ),
    `<path d="${mark}" transform="translate(${RIGHT + 18} ${px(place)})" fill="var(${colour})" stroke="var(${colour})" stroke-width="1.5"/>`,
    text(RIGHT + 30, place + 5, subject.label, {
      colour,
      ...(subject.kind === "sluice" && { kind: "strong" }),
    }),
  ].join("\n");
}

/** A logarithmic scale. */
function scale(low: number, high: number, from: number, to: number): (value: number) => number {
  const range = Math.log(high / low) || 1;
  return (value) => from + (Math.log(value / low) / range) * (to - from);
}

/** Round values between two: 1, 2 and 5 of each power of ten, and more where these are few. */
export function ticks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - first + 1 },
    (_, i) => first + i,
  );
  const among = (steps: readonly number[]): number[] =>
    powers
      .flatMap((power) => steps.map((step) => Number(`${step}e${power}`)))
      .filter((tick) => tick >= low && tick <= high);
  const few = among([1, 2, 5]);
  return few.length > 3 ? few : among([1, 2, 3, 5, 7]);
}
