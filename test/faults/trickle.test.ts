import { expect, it } from "vitest";
import { AT_ONCE, trickle, TRICKLE_CASES } from "./trickle.js";

it.each(TRICKLE_CASES)(
  "who reads a byte a second of a $name is cut off, and goes on where it was",
  async (trickleCase) => {
    const report = await trickle(trickleCase, 4, 1_000);
    expect(report).toMatchObject({
      reasons: { "slow-consumer": 4 },
      lost: 0,
      doubled: 0,
      arrived: 4,
      leaked: [],
      rejections: [],
    });
    expect(report.slowBytes).toBeLessThan(AT_ONCE + 100);
  },
  60_000,
);
