import { expect, it } from "vitest";
import { http2Session } from "./http2-session.js";

const ROUNDS = 5;

it("C1: HTTP/2 sessions of 100 streams", { timeout: 120_000 }, async ({ task }) => {
  for (let round = 1; round <= ROUNDS; round++) {
    const resets = round * 5;
    const report = await http2Session(100, resets);
    const { afterReset, afterGoaway, afterError, afterClose, lost, doubled, leaked } = report;
    task.meta.fault = {
      fault: "HTTP/2: streams reset, GOAWAY",
      load: `${round} times 3 sessions of 100 streams`,
      lost,
      doubled,
      leaked: leaked.join(", "),
      peakMemory: report.peakMemory,
      figures: [
        `${afterReset.ended.length} of ${resets} reset streams ended their generators, ${afterReset.flowing} others went on`,
        `after a GOAWAY without error ${afterGoaway.flowing} went on, after one with an error ${afterError.ended.length} ended, and ${afterClose.clean} without a reset when the server closed`,
      ],
    };
    expect({ lost, doubled, leaked, rejections: report.rejections }).toEqual({
      lost: 0,
      doubled: 0,
      leaked: [],
      rejections: [],
    });
    expect(afterReset.ended).toEqual(Array.from({ length: resets }, (_, n) => n * 3));
    expect(afterReset.flowing).toBe(100 - resets);
    expect(afterGoaway).toEqual({ ended: [], flowing: 100 - resets });
    expect(afterError.ended).toHaveLength(100);
    expect(afterClose).toMatchObject({ clean: 100, goaway: 0 });
  }
});
