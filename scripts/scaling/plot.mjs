// The plot of a storm, as SVG: readable on light and dark pages, and when it is half as wide.
import { HORIZON, MISSED } from "./storms.mjs";

const WIDTH = 640;
const HEIGHT = 860;
const LEFT = 78;
const RIGHT = 18;
/** Of a panel: from its top to its bottom. */
const DEPTH = 270;

const STYLE = `
  svg { --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --grid: #d1d9e0;
    --a: #0550ae; --b: #1a7f37; --c: #9a4d00; --d: #a40e26; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #f0f6fc; --soft: #a5aeb8; --grid: #3d444d;
      --a: #79c0ff; --b: #56d364; --c: #f0a050; --d: #ff8f85; }
  }
  text { font: 18px system-ui, sans-serif; fill: var(--ink); }
  .title { font-size: 21px; font-weight: 600; }
  .soft { fill: var(--soft); }
  .grid { stroke: var(--grid); }
  .floor { stroke: var(--soft); stroke-dasharray: 7 6; stroke-width: 2; fill: none; }
  .line { fill: none; stroke-width: 3; }
`;

/** For each of `MISSED`: its colour, and its mark around a point, so that nobody needs the colour. */
const LOOKS = /** @type {const} */ ([
  ["--a", "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z"],
  ["--b", "M-6-6h12v12h-12Z"],
  ["--c", "M0-8L8 6H-8Z"],
  ["--d", "M0-8L8 0L0 8L-8 0Z"],
]);

/** @typedef {{ retry: number, values: readonly number[], capped: readonly boolean[] }} Column */

/**
 * A logarithmic scale.
 *
 * @param {readonly [number, number]} domain
 * @param {readonly [number, number]} range
 * @returns {(value: number) => number}
 */
function scale([low, high], [from, to]) {
  const width = Math.log(high / low);
  return (value) => from + (Math.log(value / low) / width) * (to - from);
}

/**
 * @param {readonly import("./storms.mjs").Row[]} rows those of `afterAll`
 * @returns {string} an SVG file
 */
export function draw(rows) {
  const spread = rows.filter(({ title }) => /^\d+ s$/.test(title));
  const x = scale([0.8, 150], [LEFT, WIDTH - RIGHT]);
  const times = spread.map(({ title, outcomes }) => ({
    retry: Number.parseInt(title, 10),
    values: outcomes.map(({ isOver, recovered }) => (isOver ? recovered / 1_000 : HORIZON)),
    capped: outcomes.map(({ isOver }) => !isOver),
  }));
  const peaks = spread.map(({ title, clients, outcomes }) => ({
    retry: Number.parseInt(title, 10),
    values: outcomes.map(({ peak }) => (100 * peak) / clients),
    capped: outcomes.map(() => false),
  }));
  const upper = scale([1.5, 800], [88 + DEPTH, 88]);
  const lower = scale([0.1, 150], [488 + DEPTH, 488]);
  const floor = times.map(({ retry }) => `${px(x(retry))} ${px(upper(2 * retry))}`).join("L");
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="var(--paper)"/>`,
    text(LEFT, 30, "Until all clients are back, in seconds", "title"),
    text(LEFT, 58, "Hollow: not within 600 s. Dashed: all have asked once", "soft"),
    axis(x, upper, 88 + DEPTH, [2, 10, 60, 600], ""),
    `<path class="floor" d="M${floor}"/>`,
    ...curves(times, x, upper),
    text(LEFT, 430, "Most that waited at one time, of all clients", "title"),
    text(LEFT, 458, "The marks say how many events each has missed", "soft"),
    axis(x, lower, 488 + DEPTH, [0.1, 1, 10, 100], " %"),
    ...curves(peaks, x, lower),
    text(LEFT, 488 + DEPTH + 52, "The server's retry, in seconds", "soft"),
    ...legend(HEIGHT - 16),
  ];
  const title = "Storms of resumes: time to recover and waiting clients against the server's retry";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="t">
<title id="t">${title}</title>
<style>${STYLE}</style>
${parts.join("\n")}
</svg>
`;
}

/**
 * @param {readonly Column[]} columns
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 */
function curves(columns, x, y) {
  return LOOKS.map(([colour, mark], index) => {
    const points = columns.map(({ retry, values, capped }) => ({
      at: `${px(x(retry))} ${px(y(values[index] ?? Number.NaN))}`,
      fill: capped[index] === true ? "--paper" : colour,
    }));
    const marks = points.map(
      ({ at, fill }) =>
        `<path d="${mark}" transform="translate(${at})" fill="var(${fill})" stroke="var(${colour})" stroke-width="2"/>`,
    );
    const line = `<path class="line" stroke="var(${colour})" d="M${points.map(({ at }) => at).join("L")}"/>`;
    return [line, ...marks].join("\n");
  });
}

/**
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} bottom
 * @param {readonly number[]} ticks
 * @param {string} unit
 */
function axis(x, y, bottom, ticks, unit) {
  const across = ticks.map((tick) => {
    const at = px(y(tick));
    const line = `<path class="grid" d="M${LEFT} ${at}H${WIDTH - RIGHT}"/>`;
    return line + text(LEFT - 10, Number(at) + 6, `${tick}${unit}`, "soft", "end");
  });
  const along = [1, 3, 10, 30, 60, 120].map((tick) =>
    text(x(tick), bottom + 26, String(tick), "soft", "middle"),
  );
  return [...across, ...along].join("\n");
}

/** @param {number} y */
function legend(y) {
  return LOOKS.map(([colour, mark], index) => {
    const at = 14 + index * 152;
    const label = `${(MISSED[index] ?? 0).toLocaleString("en-US")} missed`;
    return `<path d="${mark}" transform="translate(${at + 8} ${y - 6})" fill="var(${colour})"/>${text(at + 24, y, label)}`;
  });
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {string} [kind]
 * @param {string} [anchor]
 */
function text(x, y, content, kind = "", anchor = "start") {
  return `<text x="${px(x)}" y="${px(y)}" class="${kind}" text-anchor="${anchor}">${content}</text>`;
}

/** @param {number} value */
function px(value) {
  return value.toFixed(1);
}
