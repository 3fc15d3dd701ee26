import { UsageError } from "./usage-error.js";

/**
 * Reads where an event has its time: a path from `data`, such as `data.meta.at` or `data.0`.
 *
 * @returns the keys below the data
 * @throws UsageError
 */
export function parsePath(text: string): readonly string[] {
  const [root, ...keys] = text.split(".");
  if (root === "data" && !keys.includes("")) return keys;
  throw new UsageError("--latency-field: expected a path that begins with data, such as data.at");
}

/**
 * How long ago the time was that an event holds: in milliseconds since 1970, or as a date that JavaScript reads.
 *
 * @param data - the event's, as text
 * @param keys - the path to it
 * @param now - in milliseconds since 1970
 * @returns milliseconds, negative where the clocks differ; undefined where there is no time
 */
export function latencyOf(data: string, keys: readonly string[], now: number): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    value = data;
  }
  for (const key of keys) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  const time = typeof value === "string" ? Date.parse(value) : value;
  return typeof time === "number" && Number.isFinite(time) ? now - time : undefined;
}
