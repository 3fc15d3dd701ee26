import { expect, it } from "vitest";
import { SLOW_CASES, slowReader } from "./slow-reader.js";

const MIB = 1_048_576;
const CLIENTS = 1_000;
const BYTES = 50 * MIB;

for (const slowCase of SLOW_CASES) {
  const title = `H5: one client of 1,000 stops reading while 50 MiB go out (${slowCase.name})`;
  it(title, { timeout: 600_000 }, async ({ task }) => {
    const { name, told, isCut } = slowCase;
    const report = await slowReader(slowCase, CLIENTS, BYTES);
    const { lost, doubled, strange, leaked, hasLast, peak, rss, held } = report;
    const [before, meanwhile] = [report.without, report.with].map(
      ({ p50, p99 }) => `p50 ${p50} ms, p99 ${p99} ms`,
    );
    task.meta.fault = {
      fault: `a client stops reading: ${name}`,
      load: `1 of ${CLIENTS} clients, 50 MiB to each`,
      lost,
      doubled,
      leaked: leaked.join(", "),
      peakMemory: peak,
      figures: [
        `the others before ${before!}; meanwhile ${meanwhile!}`,
        `server: RSS ${mib(rss)} more in the end; at most ${mib(held)} more held beyond the history, after a collection`,
        `the slow one was ${isCut ? "cut off and came back" : "kept"}; told: ${told.join(", ") || "nothing, for it has everything"}`,
      ],
    };
    expect(report).toMatchObject({ told, isCut, hasLast, lost: 0, doubled: 0, leaked: [] });
    expect({ strange, hasLast }).toEqual({ strange: 0, hasLast: true });
    expect(held).toBeLessThan(8 * MIB);
    expect(report.with.p50).toBeLessThan(report.without.p50 * 1.5 + 2);
    expect(report.with.p99).toBeLessThan(report.without.p99 * 2 + 5);
  });
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
