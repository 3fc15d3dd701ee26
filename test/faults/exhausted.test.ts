import { expect, it } from "vitest";
import { exhausted } from "./exhausted.js";

it("a server without a descriptor left keeps its clients, and takes new ones when there are some again", async () => {
  const report = await exhausted(128, 50, 1);
  expect(report).toMatchObject({
    stayed: 50,
    welcomed: 20,
    lost: 0,
    doubled: 0,
    strange: 0,
    leaked: [],
    rejections: [],
  });
  expect(report.descriptors).toBeGreaterThan(120);
  expect(report.connections).toBeLessThan(128);
}, 60_000);
