import { expect, it } from "vitest";
import { restart } from "./restart.js";

const CLEAN = {
  lost: 0,
  doubled: 0,
  strange: 0,
  arrived: 150,
  refusals: [],
  rejections: [],
  leaked: [],
};

it("Q4: a server that gets SIGTERM ends its streams one by one, and the next one knows them all", async () => {
  const report = await restart(150, 1_000, "disk");
  expect(report).toMatchObject({ ...CLEAN, resets: { none: 150 } });
  expect(report.exit).toBeLessThan(2_000);
  expect(report.late).toBeGreaterThan(0);
}, 60_000);

it("Q4: where the history was in memory, each client is told once", async () => {
  const report = await restart(50, 500, "memory");
  expect(report).toMatchObject({ ...CLEAN, arrived: 50, resets: { unknown: 50 } });
}, 60_000);
