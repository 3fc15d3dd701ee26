import { UsageError } from "./usage-error.js";

/**
 * Reads `Name: value`. What is no latin1 is sent as UTF-8.
 *
 * @param which - its place among the headers, from 1; the text may be secret, and the error does not show it
 * @throws UsageError
 */
export function parseHeader(text: string, which: number): readonly [string, string] {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0)).trim();
  const value = Buffer.from(text.slice(colon + 1).trim()).toString("latin1");
  try {
    new Headers().append(name, value);
    return [name, value];
  } catch {
    throw new UsageError(
      `--header, number ${which}: expected "Name: value", without control characters`,
    );
  }
}
