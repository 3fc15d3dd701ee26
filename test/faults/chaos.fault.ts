import { expect, it } from "vitest";
import { BAD_DAY, type ChaosReport, chaos } from "./chaos.js";
import type { Fault } from "./fault-table.js";

const DURATION = 60_000;

it("H2, H3: a minute of random chaos", { timeout: 180_000 }, async ({ task }) => {
  const seed = Date.now() % 2 ** 31;
  const report = await chaos({ clients: 100, duration: DURATION, seed });
  task.meta.fault = rowOf("random chaos on channels", seed, report);
  expect(report).toMatchObject({ lost: 0, doubled: 0, faults: [], leaked: [], rejections: [] });
});

it("H2, H3: the same over a broker that fails", { timeout: 180_000 }, async ({ task }) => {
  const seed = Date.now() % 2 ** 31;
  const report = await chaos({ clients: 100, duration: DURATION, seed, faults: BAD_DAY });
  task.meta.fault = rowOf("random chaos, failing broker", seed, report);
  expect(report).toMatchObject({ lost: 0, doubled: 0, faults: [], leaked: [], rejections: [] });
});

function rowOf(fault: string, seed: number, report: ChaosReport): Fault {
  const { visits, published, received, cut, lost, doubled, leaked, peakMemory } = report;
  const resets = Object.entries(report.resets).map(([reason, count]) => `${count} ${reason}`);
  return {
    fault,
    load: `${visits} visits, ${published} published, ${received} received, 60 s, seed ${seed}`,
    lost,
    doubled,
    leaked: leaked.join(", "),
    peakMemory,
    figures: [`resets told: ${resets.join(", ")}; cut off by the server: ${cut}`],
  };
}
