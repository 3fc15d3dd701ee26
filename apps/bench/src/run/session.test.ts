import { describe, expect, it } from "vitest";
import { BenchError } from "../errors.js";
import type { SubjectName } from "../subjects.js";
import { fan1000 } from "../workloads/fans.js";
import type { Measure } from "./measure.js";
import type { Failure, Measurement, Step } from "./measurement.js";
import { runSession } from "./session.js";

const step = (subject: SubjectName, round = 0): Step => ({
  workload: "fan-1000",
  point: 0,
  subject,
  round,
});

async function session(steps: readonly Step[], measure: Measure) {
  const told: (Measurement | Failure)[] = [];
  const interruption = new AbortController();
  const outcomes = await runSession({
    steps,
    workloads: [fan1000],
    measure: async (workload, step) => {
      if (step.round === 9) interruption.abort();
      return measure(workload, step);
    },
    signal: interruption.signal,
    onStep: (result) => told.push(result),
  });
  return { ...outcomes, told };
}

describe("runSession", () => {
  it("keeps what was measured, and tells it", async () => {
    const { measurements, failures, told } = await session(
      [step("sluice"), step("limit")],
      async (_, { subject }) => ({ cpu: subject === "sluice" ? 1 : 2 }),
    );
    expect(measurements).toEqual([
      { ...step("sluice"), values: { cpu: 1 } },
      { ...step("limit"), values: { cpu: 2 } },
    ]);
    expect(failures).toEqual([]);
    expect(told).toEqual(measurements);
  });

  it("keeps why a subject could not be measured, and goes on", async () => {
    const { measurements, failures } = await session(
      [step("hono"), step("sluice")],
      async (_, { subject }) => {
        if (subject === "hono") throw new BenchError("failed", "the server ended\nat once");
        return { cpu: 1 };
      },
    );
    expect(measurements).toHaveLength(1);
    expect(failures).toEqual([{ ...step("hono"), kind: "failed", reason: "the server ended" }]);
  });

  it("keeps a mistake of its own as a failure, so that a long run is not lost", async () => {
    const { failures, measurements } = await session(
      [step("hono"), step("sluice")],
      async (_, { subject }) => {
        if (subject === "hono") throw new TypeError("cpu is not a function");
        return { cpu: 1 };
      },
    );
    expect(failures).toMatchObject([{ kind: "failed", reason: "cpu is not a function" }]);
    expect(measurements).toHaveLength(1);
  });

  it.each([
    ["absent", 1],
    ["unable", 1],
    ["failed", 2],
  ] as const)("does not try for ever what is %s", async (code, times) => {
    const rounds = [0, 1, 2, 3].map((round) => step("nchan", round));
    const { failures } = await session(rounds, async () => {
      throw new BenchError(code, "no");
    });
    expect(failures).toHaveLength(times);
  });

  it("drops what it was measuring when it is interrupted, and takes no further step", async () => {
    const { measurements, told } = await session(
      [step("sluice"), step("limit", 9), step("hono")],
      async () => ({ cpu: 1 }),
    );
    expect(measurements).toEqual([{ ...step("sluice"), values: { cpu: 1 } }]);
    expect(told).toHaveLength(1);
  });

  it("puts what was measured earlier before the rest", async () => {
    const earlier: Measurement = { ...step("sluice"), values: { cpu: 3 } };
    const { measurements } = await runSession({
      steps: [step("limit")],
      workloads: [fan1000],
      measure: async () => ({ cpu: 4 }),
      earlier: [earlier],
      signal: new AbortController().signal,
      onStep: () => {},
    });
    expect(measurements).toEqual([earlier, { ...step("limit"), values: { cpu: 4 } }]);
  });
});
