import { expect, it } from "vitest";
import { fuzzBrowser, fuzzParser, noChromium } from "./fuzz.js";

it("W1: a parser makes of each fuzzed event that is taken what was sent, and nothing else", async () => {
  const report = await fuzzParser(50_000, 20_26);
  expect(report).toMatchObject({ wrong: [], leaked: [] });
  expect(report.dispatched).toBe(report.due);
  expect(Math.min(report.due, report.rejected)).toBeGreaterThan(5_000);
}, 60_000);

it.skipIf(noChromium)(
  "W1: so does a browser",
  async () => {
    const report = await fuzzBrowser(5_000, 20_26);
    expect(report).toMatchObject({ wrong: [], leaked: [] });
    expect(report.dispatched).toBe(report.due);
    expect(report.due).toBeGreaterThan(2_000);
  },
  60_000,
);
