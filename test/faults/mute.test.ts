import { expect, it } from "vitest";
import { mute, MUTE_CASES } from "./mute.js";

it.each(MUTE_CASES)(
  "clients of a $name that never read are closed in time, and hold nothing up",
  async (muteCase) => {
    const report = await mute(muteCase, 25, 1_000, 30);
    expect(report).toMatchObject({
      reasons: { "slow-consumer": 25 },
      lost: 0,
      doubled: 0,
      strange: 0,
      leaked: [],
      rejections: [],
    });
    expect(report.closedWithin).toBeLessThan(4_000);
  },
  60_000,
);
