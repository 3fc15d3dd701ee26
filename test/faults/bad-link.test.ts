import { expect, it } from "vitest";
import { badLink } from "./bad-link.js";

it("H2: however a link splits, delays and cuts, clients get each event once and in order", async () => {
  const report = await badLink(10, 2_000, 20_26);
  expect(report).toMatchObject({
    lost: 0,
    doubled: 0,
    strange: 0,
    arrived: 10,
    resets: 0,
    leaked: [],
    rejections: [],
  });
  expect(report.cuts).toBeGreaterThan(10);
}, 60_000);
