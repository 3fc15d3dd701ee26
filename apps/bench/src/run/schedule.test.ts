import { describe, expect, it } from "vitest";
import { seeded } from "../statistics/random.js";
import { subjects } from "../subjects.js";
import { connectionsCurve } from "../workloads/curves.js";
import { fan1000 } from "../workloads/fans.js";
import { participants, workloads } from "../workloads/workloads.js";
import { estimate } from "./estimate.js";
import { keyOf, type Step } from "./measurement.js";
import { schedule } from "./schedule.js";

const names = subjects.map(({ name }) => name);
const plan = (seed = 1): readonly Step[] =>
  schedule({ workloads: [fan1000], subjects: names }, seeded(seed));

describe("schedule", () => {
  it("takes no step twice", () => {
    const keys = schedule({ workloads, subjects: names }, seeded(1)).map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("has Sluice in every round, so that every other has something to be compared with", () => {
    for (const step of plan()) {
      expect(plan()).toContainEqual({ ...step, subject: "sluice" });
    }
  });

  it("measures each as often as the workload says, from the first round on", () => {
    const rounds = (subject: string): number[] =>
      plan()
        .filter((step) => step.subject === subject)
        .map(({ round }) => round);
    const { core, rivals, peers } = fan1000.repeats;
    expect(rounds("sluice")).toEqual(Array.from({ length: core }, (_, round) => round));
    expect(rounds("nestjs")).toHaveLength(rivals);
    expect(rounds("transmit")).toHaveLength(peers);
    expect(rounds("transmit")[0]).toBe(0);
  });

  it("spreads those who are measured less often over all rounds", () => {
    const few = schedule(
      {
        workloads: [{ ...fan1000, repeats: { core: 9, rivals: 3, peers: 3 } }],
        subjects: ["sluice", "transmit"],
      },
      seeded(1),
    );
    const rounds = few.filter(({ subject }) => subject === "transmit").map(({ round }) => round);
    expect(rounds).toEqual([0, 3, 6]);
  });

  it("draws the order of each round anew, and the same for the same seed", () => {
    const orders = Array.from({ length: fan1000.repeats.core }, (_, round) =>
      plan()
        .filter((step) => step.round === round)
        .filter(({ subject }) => ["sluice", "limit", "node-http", "floor"].includes(subject))
        .map(({ subject }) => subject)
        .join(),
    );
    expect(new Set(orders).size).toBeGreaterThan(3);
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  it("finishes a point of a curve before the next one begins", () => {
    const steps = schedule({ workloads: [connectionsCurve], subjects: names }, seeded(1));
    const first = steps.filter(({ round }) => round === 0);
    const points = first.map(({ point }) => point);
    expect(points).toEqual(points.toSorted((one, other) => one - other));
    expect(new Set(points).size).toBe(connectionsCurve.points.length);
  });

  it("measures each so many times where it is told", () => {
    const steps = schedule(
      { workloads: [fan1000], subjects: ["sluice", "hono"], repeats: 2 },
      seeded(1),
    );
    expect(steps).toHaveLength(4);
  });

  it("is over after 45 minutes, by its own estimate", () => {
    const steps = schedule({ workloads, subjects: names }, seeded(1));
    const all = steps.reduce((sum, step) => sum + estimate(step, workloads, false), 0);
    expect(all / 60_000).toBeLessThan(45);
  });
});

describe("participants", () => {
  it("leaves out who has no such streams, and who is excused", () => {
    const of = (id: string): string[] =>
      participants(workloads.find((workload) => workload.id === id)!).map(({ name }) => name);
    expect(of("one")).not.toContain("nchan");
    expect(of("burst-5000")).not.toContain("trpc");
    expect(of("fan-1000")).toHaveLength(subjects.length);
  });
});
