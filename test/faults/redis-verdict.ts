import type { Fault } from "./fault-table.js";
import type { RedisReport } from "./redis-world.js";

/** What every fault must leave as it is: nothing is lost or doubled without a reset, and everybody arrives. */
export function clean({ clients }: RedisReport) {
  return {
    faults: [],
    lost: 0,
    doubled: 0,
    disordered: 0,
    foreign: 0,
    arrived: clients,
    leaked: [],
    rejections: [],
  } as const;
}

/** The row of a fault in the table. */
export function rowOf(fault: string, report: RedisReport, ...figures: readonly string[]): Fault {
  const { stored, unknown, refused, received, connects, clients, lost, doubled, leaked } = report;
  const resets = Object.entries(report.resets).map(([reason, count]) => `${count} ${reason}`);
  return {
    fault: `redis: ${fault}`,
    load: `${clients} clients, ${connects} connects, ${stored} stored, ${received} received`,
    lost,
    doubled,
    leaked: leaked.join(", "),
    peakMemory: report.peakMemory,
    figures: [
      `${refused} not stored, ${unknown} unknown; a publication took ${report.slowest} ms at most; resets: ${resets.join(", ") || "none"}`,
      ...figures,
    ],
  };
}
