import type { Measurement } from "../measurement.js";
import { measureBytes } from "./bytes.js";
import { measureCalls } from "./calls.js";
import { measureHeld } from "./held.js";
import { measureResources } from "./resources.js";
import { measureSystemCalls } from "./system-calls.js";
import { measureWire } from "./wire.js";

/** Takes all measures. None of them is a time, so that they may disturb each other. */
export async function measureAll(): Promise<Measurement[]> {
  const [counts, bytes] = await Promise.all([
    inOrder([measureWire, measureSystemCalls, measureResources, measureCalls]),
    inOrder([measureBytes, measureHeld]),
  ]);
  return [...counts, ...bytes];
}

async function inOrder(
  measures: readonly (() => Promise<Measurement[]>)[],
): Promise<Measurement[]> {
  const all: Measurement[] = [];
  for (const measure of measures) all.push(...(await measure()));
  return all;
}
