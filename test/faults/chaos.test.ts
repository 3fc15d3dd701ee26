import { expect, it } from "vitest";
import { chaos } from "./chaos.js";

it("H2, H3: whatever clients do, they get each event once and in order, or are told", async () => {
  const report = await chaos({ clients: 25, duration: 3_000, seed: 20_26 });
  expect(report).toMatchObject({ lost: 0, doubled: 0, faults: [], leaked: [], rejections: [] });
  const { malformed = 0, trimmed = 0, unknown = 0 } = report.resets;
  expect(Math.min(malformed, trimmed, unknown)).toBeGreaterThan(0);
}, 40_000);
