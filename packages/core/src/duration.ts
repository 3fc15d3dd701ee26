import { SluiceError } from "./errors.js";
import { show } from "./show.js";

/** A length of time: milliseconds, or a number with its unit, as in `"500ms"`, `"15s"`, `"10m"`, `"1h"`. */
export type Duration = number | `${number}${DurationUnit}`;

export type DurationUnit = "ms" | "s" | "m" | "h";

const MILLISECONDS: Readonly<Record<DurationUnit, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** The longest delay that a Node timer can take; a longer one fires at once. */
const LONGEST = 2 ** 31 - 1;

const WITH_UNIT = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/**
 * Turns a duration into milliseconds.
 *
 * @param duration - what the application wrote
 * @param what - the option's name, for the error
 * @returns a whole number of milliseconds from 0 to 2^31-1
 * @throws SluiceError `ERR_DURATION` for anything else
 */
export function toMilliseconds(duration: Duration, what: string): number {
  const milliseconds = parse(duration);
  if (Number.isInteger(milliseconds) && milliseconds >= 0 && milliseconds <= LONGEST) {
    return milliseconds;
  }
  throw new SluiceError(
    "ERR_DURATION",
    `${what} must be a whole number of milliseconds from 0 to ${LONGEST}, or a text such as "500ms", "15s", "10m" or "1h", not ${show(duration)}.`,
  );
}

function parse(duration: unknown): number {
  if (typeof duration === "number") return duration;
  const match = typeof duration === "string" ? WITH_UNIT.exec(duration) : null;
  if (match === null) return Number.NaN;
  const exact = Number(match[1]) * MILLISECONDS[match[2] as DurationUnit];
  const rounded = Math.round(exact);
  // 1.1 * 1000 is not 1100 in floating point, but it is what was meant.
  return Math.abs(exact - rounded) < 1e-6 ? rounded : Number.NaN;
}
