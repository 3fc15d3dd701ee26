import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOf, type Measurement } from "../run/measurement.js";
import type { Environment } from "./environment.js";
import { parse, type Results, serialise } from "./results.js";

const environment: Environment = {
  date: "2026-11-30",
  commits: ["0123456789"],
  processor: "a processor",
  cores: 2,
  memory: 8,
  kernel: "Linux 6",
  node: "20.20.2",
  load: 0.1,
  versions: { hono: "4.13.19" },
};

const measurement: fc.Arbitrary<Measurement> = fc.record({
  workload: fc.constantFrom("one", "fan-1000"),
  point: fc.integer({ min: 0, max: 2 }),
  subject: fc.constantFrom("sluice", "limit", "hono"),
  round: fc.integer({ min: 0, max: 8 }),
  values: fc.record({ cpu: fc.integer(), lost: fc.integer() }),
});

describe("serialise and parse", () => {
  it("give back all measurements, whatever their order was", () => {
    const unique = fc.uniqueArray(measurement, { selector: keyOf });
    fc.assert(
      fc.property(unique, (measurements) => {
        const results: Results = {
          environment,
          quick: false,
          interrupted: false,
          measurements,
          failures: [],
        };
        const { measurements: found, ...rest } = parse(serialise(results));
        const sorted = (list: readonly Measurement[]): Measurement[] =>
          list.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other)));
        expect(sorted(found)).toEqual(sorted(measurements));
        expect(rest).toEqual({ environment, quick: false, interrupted: false, failures: [] });
      }),
    );
  });

  it("refuse results of a format that they don't know", () => {
    const refused = expect.objectContaining({ code: "results" });
    expect(() => parse(`{"format": 99, "series": []}`)).toThrow(refused);
  });
});
