/**
 * A table in Markdown, its columns lined up as the formatter wants them.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function markdown(head, rows) {
  const widths = head.map((title, column) =>
    Math.max(3, ...[title, ...rows.map((row) => row[column] ?? "")].map(({ length }) => length)),
  );
  /** @param {readonly string[]} cells */
  const line = (cells) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/**
 * A number that people read: three digits that count, and separated thousands.
 *
 * @param {number} value
 */
export function readable(value) {
  if (!Number.isFinite(value)) return "never";
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 4) });
}

const SIZES = /** @type {const} */ ([
  ["TB", 1e12],
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
]);

/** @param {number} bytes */
export function size(bytes) {
  const [unit, factor] = SIZES.find(([, factor]) => bytes >= factor) ?? ["B", 1];
  return `${readable(bytes / factor)} ${unit}`;
}

/** @param {number} seconds */
export function time(seconds) {
  if (!Number.isFinite(seconds)) return "never";
  if (seconds >= 7_200) return `${readable(seconds / 3_600)} h`;
  if (seconds >= 120) return `${readable(seconds / 60)} min`;
  if (seconds >= 1) return `${readable(seconds)} s`;
  return `${readable(seconds * 1_000)} ms`;
}
