import { expect, it } from "vitest";
import { behindNginx, PROXY_CASES } from "./behind-nginx.js";
import { noNginx } from "./nginx.js";

it.skipIf(noNginx)("Q1: nginx in front", { timeout: 120_000 }, async ({ task }) => {
  const { cases, silent, heedless, leaked, peakMemory } = await behindNginx(2_000, 1_000);
  const reports = [...cases.values(), { ...silent }];
  const [lost, doubled] = (["lost", "doubled"] as const).map((what) =>
    reports.reduce((sum, report) => sum + report[what], 0),
  ) as [number, number];
  task.meta.fault = {
    fault: "nginx in front",
    load: `${PROXY_CASES.length} ways to set it up, read timeout 2 s, keep-alive 1 s`,
    lost,
    doubled,
    leaked: leaked === 0 ? "" : `${leaked} connection(s)`,
    peakMemory,
    figures: [
      ...[...cases].map(
        ([name, { first, slowest }]) =>
          `${name}: first event after ${first.toFixed(0)} ms, the slowest of 11 after ${slowest.toFixed(1)} ms`,
      ),
      `without keep-alive comments nginx cut a silent stream after ${silent.lasted.toFixed(0)} ms`,
      `where it ignored X-Accel-Buffering, ${heedless} of 1 event came within a second`,
    ],
  };
  for (const [name, report] of cases) {
    expect({ name, ...report }).toMatchObject({ name, outlastsSilence: true });
    expect(report.coding).toBe(
      PROXY_CASES.find((each) => each.name === name)!.coding ?? "identity",
    );
    expect(Math.max(report.first, report.slowest)).toBeLessThan(200);
  }
  expect({ lost, doubled, leaked, heedless }).toEqual({
    lost: 0,
    doubled: 0,
    leaked: 0,
    heedless: 0,
  });
  expect(silent.lasted).toBeGreaterThan(1_500);
  expect(silent.lasted).toBeLessThan(4_000);
});
