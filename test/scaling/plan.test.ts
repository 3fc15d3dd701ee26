import { describe, expect, test, vi } from "vitest";
import { nextDelay as clientDelay } from "../../packages/client/src/backoff.js";
import { nextDelay } from "../../scripts/scaling/backoff.mjs";
import { DEFAULTS, listeners, plan } from "../../scripts/scaling/formula.mjs";
import { printPlan, readWorkload } from "../../scripts/scaling/plan.mjs";
import { markdown, readable, size, time } from "../../scripts/scaling/table.mjs";

describe("the plan", () => {
  test("never asks for less when there is more of anything", () => {
    for (const name of ["connections", "eventsPerSecond", "eventBytes", "history"] as const) {
      const [less, more] = [plan(DEFAULTS), plan({ ...DEFAULTS, [name]: DEFAULTS[name] * 10 })];
      expect(more.processes).toBeGreaterThanOrEqual(less.processes);
      expect(more.shards).toBeGreaterThanOrEqual(less.shards);
      expect(more.toClients).toBeGreaterThanOrEqual(less.toClients);
      expect(more.redisMemory * more.shards).toBeGreaterThanOrEqual(less.redisMemory * less.shards);
    }
  });

  test("keeps processes and servers within the load and the connections that it was given", () => {
    for (const connections of [1, 1_000, 250_000, 10_000_000]) {
      for (const audience of [1, 100, 1_000_000].filter((size) => size <= connections)) {
        const workload = { ...DEFAULTS, connections, audience, eventsPerSecond: 2 };
        const result = plan(workload);
        expect(result.processLoad).toBeLessThanOrEqual(workload.load);
        expect(result.redisLoad).toBeLessThanOrEqual(workload.load);
        expect(connections / result.processes).toBeLessThanOrEqual(workload.perProcess);
        expect(result.publishes * audience).toBeCloseTo(result.deliveries);
      }
    }
  });

  test("knows how many processes hear an event", () => {
    expect(listeners(1, 50)).toBeCloseTo(1);
    expect(listeners(2, 2)).toBeCloseTo(1.5);
    expect(listeners(1_000_000, 50)).toBeCloseTo(50);
    expect(listeners(1_000, 1)).toBe(1);
  });

  test("takes all that comes back after a fault in the spread that it calls the shortest", () => {
    const { connections, retry } = DEFAULTS;
    const result = plan(DEFAULTS);
    const shortest = Math.max(result.afterAllByProcesses, result.afterAllByRedis);
    const resumes = Math.min(result.processes * result.resumesOfProcess, result.resumesOfRedis);
    expect(shortest * resumes).toBeCloseTo(connections);
    expect(result.afterAll * retry).toBeCloseTo(connections);
  });
});

describe("the command line", () => {
  test("reads what it is given, and has the rest", () => {
    expect(readWorkload(["--connections", "5", "--events-per-second", "0.5"])).toEqual({
      ...DEFAULTS,
      connections: 5,
      eventsPerSecond: 0.5,
    });
    expect(readWorkload([])).toEqual(DEFAULTS);
  });

  test.each([
    [["--connectoins", "5"], "There is no --connectoins; there are --connections, "],
    [["--connections"], "--connections takes a number above 0, not undefined."],
    [["--connections", "many"], "--connections takes a number above 0, not many."],
    [["--load", "1"], "--load and --drain-share take a share"],
    [["--connections", "5", "--audience", "6"], "--audience can't be more than --connections."],
  ])("refuses %j", (args, message) => {
    expect(() => readWorkload(args)).toThrow(message);
  });

  test("prints a table of Markdown in which nothing is missing", () => {
    const table = printPlan(DEFAULTS);
    expect(table).toMatch(/^\| What +\| How much +\|\n\| -+ \| -+ +\|/);
    expect(table).not.toMatch(/NaN|undefined|never|Infinity/);
    expect(new Set(table.split("\n").map(({ length }) => length)).size).toBe(1);
  });
});

test("numbers have three digits that count, and a unit that fits", () => {
  expect([0, 0.1234, 1.5, 12_345, 99_960].map(readable)).toEqual([
    "0",
    "0.123",
    "1.5",
    "12,300",
    "100,000",
  ]);
  expect([12, 1_500, 2.5e9].map(size)).toEqual(["12 B", "1.5 kB", "2.5 GB"]);
  expect([0.05, 90, 180, 36_000].map(time)).toEqual(["50 ms", "90 s", "3 min", "10 h"]);
  expect(markdown(["a"], [["bcde"]])).toBe("| a    |\n| ---- |\n| bcde |");
});

test("the simulated clients wait as Sluice's client does", () => {
  for (const random of [0, 0.25, 0.999]) {
    vi.spyOn(Math, "random").mockReturnValue(random);
    for (const failures of [0, 1, 5, 40]) {
      for (const told of [undefined, 0, 50, 3_000, 60_000]) {
        for (const maxDelay of [1_000, 30_000]) {
          expect(nextDelay(failures, told, () => random, maxDelay)).toBe(
            clientDelay({ maxDelay }, failures, told),
          );
        }
      }
    }
  }
  vi.restoreAllMocks();
});
