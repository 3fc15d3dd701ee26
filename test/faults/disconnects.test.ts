import { expect, it } from "vitest";
import { randomDisconnects } from "./disconnects.js";

it("C1: after random disconnects of every kind nothing is left and every `finally` has run", async () => {
  const report = await randomDisconnects(100, 1_500, 20_26);
  expect(report).toMatchObject({
    unfinished: {},
    named: report.deaf,
    lost: 0,
    doubled: 0,
    descriptors: 0,
    rejections: [],
    leaks: "",
  });
  expect(report.deaf).toBeGreaterThan(0);
}, 30_000);
