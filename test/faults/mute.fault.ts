import { expect, it } from "vitest";
import { MAX_BUFFERED, mute, MUTE_CASES } from "./mute.js";

const CLIENTS = 500;
const TIMEOUT = 10_000;

/**
 * For each client what may wait for it, the event that went over that, and what Node's streams keep
 * of an answer; twice as much again for what is not collected yet.
 */
const CAP = CLIENTS * 3 * (MAX_BUFFERED + 65_536 + 32_768);

for (const muteCase of MUTE_CASES) {
  const { name } = muteCase;
  it(`500 clients of a ${name} that never read`, { timeout: 180_000 }, async ({ task }) => {
    const report = await mute(muteCase, CLIENTS, TIMEOUT, 300);
    const { lost, doubled, strange, leaked, rejections, reasons, without } = report;
    task.meta.fault = {
      fault: `clients never read: ${name}`,
      load: `${CLIENTS} clients, 20 others`,
      lost,
      doubled,
      leaked: leaked.join(", "),
      peakMemory: report.peakMemory,
      figures: [
        `all closed ${report.closedWithin} ms after their buffers were full (timeout ${TIMEOUT} ms)`,
        `memory ${(report.extraMemory / 1_048_576).toFixed(1)} MiB more at most, of ${(CAP / 1_048_576).toFixed(0)} MiB`,
        `the others before p50 ${without.p50} ms, p99 ${without.p99} ms; meanwhile p50 ${report.with.p50} ms, p99 ${report.with.p99} ms`,
      ],
    };
    expect({ lost, doubled, strange, leaked, rejections, reasons }).toEqual({
      lost: 0,
      doubled: 0,
      strange: 0,
      leaked: [],
      rejections: [],
      reasons: { "slow-consumer": CLIENTS },
    });
    // The deadlines look four times in their time, and the systems take a little more now and then,
    // when they ask whether there is room again: for the last time about 13 s after they were full.
    expect(report.closedWithin).toBeLessThan(TIMEOUT * 2.5 + 1_000);
    expect(report.extraMemory).toBeLessThan(CAP);
    // What the handlers of the mute ones make all the time takes its time too.
    expect(report.with.p99).toBeLessThan(without.p99 * 2 + 20);
  });
}
