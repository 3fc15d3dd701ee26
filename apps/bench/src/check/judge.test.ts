import { describe, expect, it } from "vitest";
import type { Budgets } from "./budgets.js";
import { type Finding, isFailure, judge, lesser, update } from "./judge.js";
import type { Measurement } from "./measurement.js";

const budgets: Budgets = {
  "bytes: an event": { value: 100, allowance: 5, unit: "bytes", reason: "Its text." },
  "system calls: a write": { value: 1, allowance: 0, unit: "calls", reason: "One a client." },
};

const measured = (name: string, value: number, unit = "bytes"): Measurement => ({
  name,
  unit,
  value,
});
const write = measured("system calls: a write", 1, "calls");
const verdicts = (findings: readonly Finding[]) =>
  Object.fromEntries(findings.map(({ name, verdict }) => [name, verdict]));

describe("a measure", () => {
  it.each([
    [95, "ok"],
    [100, "ok"],
    [105, "ok"],
    [105.004, "ok"],
    [105.01, "over"],
    [94.99, "loose"],
  ])("of %d against 100 and 5 more is %s", (value, verdict) => {
    expect(verdicts(judge([measured("bytes: an event", value), write], budgets))).toEqual({
      "bytes: an event": verdict,
      "system calls: a write": "ok",
    });
  });

  it("needs a budget in its unit", () => {
    const other = measured("bytes: an event", 100, "calls");
    const unknown = measured("bytes: a head", 227);
    expect(verdicts(judge([other, unknown, write], budgets))).toEqual({
      "bytes: an event": "no budget",
      "bytes: a head": "no budget",
      "system calls: a write": "ok",
    });
  });

  it("that is gone leaves a budget that says so", () => {
    expect(verdicts(judge([write], budgets))).toEqual({
      "bytes: an event": "not measured",
      "system calls: a write": "ok",
    });
  });

  it("that can't be taken says why, for all of its group", () => {
    const findings = judge(
      [measured("bytes: an event", 100), { group: "system calls", impossible: "no strace" }],
      budgets,
    );
    expect(findings).toContainEqual({
      name: "system calls: a write",
      verdict: "not possible",
      measured: undefined,
      budget: budgets["system calls: a write"],
      impossible: "no strace",
    });
  });
});

describe("a check", () => {
  const finding = (verdict: Finding["verdict"]): Finding => ({
    name: "bytes: an event",
    verdict,
    measured: undefined,
    budget: undefined,
  });

  it("fails by an excess, and by what has no budget or no measure", () => {
    for (const verdict of ["over", "no budget", "not measured"] as const)
      expect(isFailure(finding(verdict), false)).toBe(true);
  });

  it("does not fail by a budget that can be tightened", () => {
    for (const verdict of ["ok", "loose"] as const)
      expect(isFailure(finding(verdict), true)).toBe(false);
  });

  it("fails by what can't be measured in CI only", () => {
    expect(isFailure(finding("not possible"), true)).toBe(true);
    expect(isFailure(finding("not possible"), false)).toBe(false);
  });
});

it("takes the lesser of two measurements", () => {
  const impossible = { group: "system calls", impossible: "no strace" };
  const first = [measured("bytes: a", 10), measured("bytes: b", 10), impossible];
  const second = [measured("bytes: a", 9), measured("bytes: b", 11)];
  expect(lesser(first, second)).toEqual([
    measured("bytes: a", 9),
    measured("bytes: b", 10),
    impossible,
  ]);
});

describe("an update", () => {
  it("takes the values over and keeps allowances and reasons", () => {
    const updated = update([measured("bytes: an event", 90.123), write], budgets);
    expect(updated).toEqual({
      ...budgets,
      "bytes: an event": { value: 90.12, allowance: 5, unit: "bytes", reason: "Its text." },
    });
  });

  it("adds what is new without an allowance, and drops what is not measured any more", () => {
    expect(update([measured("bytes: a head", 227), write], budgets)).toEqual({
      "bytes: a head": { value: 227, allowance: 0, unit: "bytes", reason: "" },
      "system calls: a write": budgets["system calls: a write"],
    });
  });

  it("keeps the budget of what can't be measured here", () => {
    const impossible = { group: "system calls", impossible: "no strace" };
    expect(update([impossible, measured("bytes: an event", 100)], budgets)).toEqual(budgets);
  });
});
