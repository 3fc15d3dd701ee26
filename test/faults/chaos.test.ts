import { expect, it } from "vitest";
import { BAD_DAY, chaos } from "./chaos.js";

const CLEAN = { lost: 0, doubled: 0, faults: [], leaked: [], rejections: [] };

it("H2, H3: whatever clients do, they get each event once and in order, or are told", async () => {
  const report = await chaos({ clients: 25, duration: 2_500, seed: 20_26 });
  expect(report).toMatchObject(CLEAN);
  const { malformed = 0, trimmed = 0, unknown = 0 } = report.resets;
  expect(Math.min(malformed, trimmed, unknown)).toBeGreaterThan(0);
}, 40_000);

it("H2, H3: they do so too when the broker fails and tells late, twice or not at all", async () => {
  const report = await chaos({ clients: 25, duration: 2_500, seed: 20_26, faults: BAD_DAY });
  expect(report).toMatchObject(CLEAN);
  expect(report.received).toBeGreaterThan(report.published);
}, 40_000);
