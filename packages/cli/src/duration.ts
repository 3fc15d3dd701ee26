import { UsageError } from "./usage-error.js";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** The longest time that a timer can wait. */
const LONGEST = 2 ** 31 - 1;

/**
 * Reads a time: `30s`, `500ms`, `1.5m`, `2h`; a number alone is seconds, as with `curl` and `timeout`.
 *
 * @param option - where it was given, for the error
 * @returns milliseconds
 * @throws UsageError
 */
export function parseDuration(text: string, option: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const time = Math.round(Number(number) * UNITS[unit]!);
  if (!(time <= LONGEST)) {
    throw new UsageError(
      `${option}: expected a time such as 30s, 500ms, 5m or 2h, of at most 24 days`,
    );
  }
  return time;
}
