import { expect, it } from "vitest";
import { trickle, TRICKLE_CASES } from "./trickle.js";

const CLIENTS = 20;
const TIMEOUT = 10_000;

for (const trickleCase of TRICKLE_CASES) {
  const { name } = trickleCase;
  it(`20 clients of a ${name} read one byte a second`, { timeout: 120_000 }, async ({ task }) => {
    const report = await trickle(trickleCase, CLIENTS, TIMEOUT);
    const { lost, doubled, leaked, rejections, arrived, reasons } = report;
    task.meta.fault = {
      fault: `one byte a second: ${name}`,
      load: `${CLIENTS} clients, writeTimeout ${TIMEOUT} ms`,
      lost,
      doubled,
      leaked: leaked.join(", "),
      peakMemory: report.peakMemory,
      figures: [
        `all cut off ${report.closedWithin} ms after they slowed down, having read ${report.slowBytes} bytes at most`,
      ],
    };
    expect({ lost, doubled, leaked, rejections, arrived, reasons }).toEqual({
      lost: 0,
      doubled: 0,
      leaked: [],
      rejections: [],
      arrived: CLIENTS,
      reasons: { "slow-consumer": CLIENTS },
    });
    expect(report.closedWithin).toBeLessThan(TIMEOUT * 2 + 1_000);
  });
}
