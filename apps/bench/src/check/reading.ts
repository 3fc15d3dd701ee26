import { BenchError } from "../errors.js";
import type { Reading } from "./program/meters/meter.js";

/** How many parts of a reading are shown. */
const SHOWN = 12;

/** Each count of a reading less that of another. */
export function minus(reading: Reading, other: Reading): Reading {
  const names = new Set([...Object.keys(reading), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].map((name) => [name, (reading[name] ?? 0) - (other[name] ?? 0)]),
  );
}

/** Each count of a reading, shared among so many. */
export function dividedBy(reading: Reading, count: number): Reading {
  return Object.fromEntries(Object.entries(reading).map(([name, value]) => [name, value / count]));
}

/** The counts of a reading together. */
export function totalOf(reading: Reading): number {
  return Object.values(reading).reduce((total, value) => total + value, 0);
}

/** The largest counts of a reading, one a line. */
export function partsOf(reading: Reading): string[] {
  return Object.entries(reading)
    .filter(([, value]) => Math.abs(value) >= 0.01)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, value]) => `${value.toFixed(2)} ${name}`);
}

/** Some of the counts. */
export function only(reading: Reading, names: readonly string[]): Reading {
  return Object.fromEntries(Object.entries(reading).filter(([name]) => names.includes(name)));
}

/** The other counts. */
export function without(reading: Reading, names: readonly string[]): Reading {
  return Object.fromEntries(Object.entries(reading).filter(([name]) => !names.includes(name)));
}

/** How often a measure that was disturbed is repeated, for each time that it should be taken. */
const PATIENCE = 3;

/**
 * Takes a reading again and again and keeps the least: what disturbs, compilation for instance, only
 * ever adds. One within which garbage was collected does not count.
 *
 * @throws BenchError `failed` when there is none that counts
 */
export async function least(times: number, take: () => Promise<Reading>): Promise<Reading> {
  let best: Reading | undefined;
  for (let taken = 0, tries = 0; taken < times && tries < times * PATIENCE; tries++) {
    const { collections = 0, ...reading } = await take();
    if (collections > 0) continue;
    taken++;
    if (best === undefined || totalOf(reading) < totalOf(best)) best = reading;
  }
  if (best === undefined)
    throw new BenchError("failed", "Garbage was collected during each measurement.");
  return best;
}
