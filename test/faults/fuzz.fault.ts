import { expect, it } from "vitest";
import { fuzzBrowser, fuzzParser, noChromium } from "./fuzz.js";

const CASES = [
  { name: "eventsource-parser", count: 1_300_000, fuzz: fuzzParser, skipped: false },
  { name: "EventSource of Chromium", count: 200_000, fuzz: fuzzBrowser, skipped: noChromium },
] as const;

for (const { name, count, fuzz, skipped } of CASES) {
  it.skipIf(skipped)(`W1: fuzzed events, ${name}`, { timeout: 300_000 }, async ({ task }) => {
    const seed = Date.now() % 2 ** 31;
    const { wrong, due, dispatched, rejected, sent, leaked, peakMemory } = await fuzz(count, seed);
    task.meta.fault = {
      fault: `fuzzed events: ${name}`,
      load: `${count} events, seed ${seed}`,
      lost: Math.max(0, due - dispatched),
      doubled: Math.max(0, dispatched - due),
      leaked: leaked.join(", "),
      peakMemory,
      figures: [`${sent} sent, ${rejected} rejected, ${dispatched} dispatched of ${due}`],
    };
    expect({ wrong, leaked }).toEqual({ wrong: [], leaked: [] });
    expect(dispatched).toBe(due);
  });
}
