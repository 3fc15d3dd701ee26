import { describe, expect, it } from "vitest";
import type { Measurement } from "../run/measurement.js";
import type { SubjectName } from "../subjects.js";
import type { Target } from "../targets.js";
import { judge } from "./judge.js";

/** What a subject took in each round; undefined where it took no part. */
function measured(
  subject: SubjectName,
  ...values: readonly (number | undefined)[]
): readonly Measurement[] {
  return values.flatMap((cpu, round) =>
    cpu === undefined ? [] : [{ workload: "fan-1000", point: 0, subject, round, values: { cpu } }],
  );
}

const target = (kind: "speed" | "cost", bound: number): Target => ({
  kind,
  workload: "fan-1000",
  column: "cpu",
  other: "nestjs",
  bound,
});

describe("judge", () => {
  const sluice = measured("sluice", 5, 6, 5);
  const nestjs = measured("nestjs", 20, 18, 16);

  it("takes speed as what the other takes for what Sluice takes, round by round", () => {
    const { measured, rounds } = judge(target("speed", 3), [...sluice, ...nestjs]);
    // 20/5, 18/6, 16/5
    expect(measured).toEqual({ median: 3.2, low: 3, high: 4 });
    expect(rounds).toBe(3);
  });

  it.each([
    [3, "pass"],
    [3.1, "not shown"],
    [4, "not shown"],
    [4.1, "fails"],
  ] as const)("says of a speed of 3 to 4 that should be %d: %s", (bound, verdict) => {
    expect(judge(target("speed", bound), [...sluice, ...nestjs]).verdict).toBe(verdict);
  });

  it.each([
    [0.34, "pass"],
    [0.3, "not shown"],
    [0.24, "fails"],
  ] as const)("says of a cost of 0.25 to 0.33 that may be %d: %s", (bound, verdict) => {
    expect(judge(target("cost", bound), [...sluice, ...nestjs]).verdict).toBe(verdict);
  });

  it("leaves out rounds in which one of the two is missing", () => {
    const measurements = [...sluice, ...measured("nestjs", 20, undefined, 15)];
    expect(judge(target("speed", 3), measurements)).toMatchObject({
      rounds: 2,
      measured: { low: 3, high: 4 },
    });
  });

  it("shows nothing by one or two rounds, however clear they are", () => {
    const two = [...measured("sluice", 1, 1), ...measured("nestjs", 100, 100)];
    expect(judge(target("speed", 3), two).verdict).toBe("not shown");
  });

  it("does not judge what was not measured", () => {
    expect(judge(target("speed", 3), sluice)).toMatchObject({
      rounds: 0,
      measured: undefined,
      verdict: "not measured",
    });
  });

  it("holds Sluice alone against a bound of its own", () => {
    const most: Target = {
      kind: "most",
      workload: "fan-1000",
      column: "cpu",
      bound: 6,
      unit: "us",
    };
    expect(judge(most, sluice)).toMatchObject({ measured: { median: 5 }, verdict: "pass" });
    expect(judge({ ...most, bound: 5.5 }, sluice).verdict).toBe("not shown");
    expect(judge({ ...most, bound: 4 }, sluice).verdict).toBe("fails");
  });

  it("judges by the worst repeat what must never happen", () => {
    const never: Target = {
      kind: "never",
      workload: "fan-1000",
      column: "cpu",
      bound: 5.5,
      unit: "us",
    };
    expect(judge(never, sluice)).toMatchObject({ measured: { median: 6 }, verdict: "fails" });
    expect(judge({ ...never, bound: 6 }, sluice).verdict).toBe("pass");
  });
});
