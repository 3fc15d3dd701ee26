import * as fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { nextDelay } from "./backoff.js";

/** Has Math.random give a number until the test is over. */
function chance(value: number): void {
  const random = vi.spyOn(Math, "random").mockReturnValue(value);
  onTestFinished(() => random.mockRestore());
}

describe("the time before the next attempt", () => {
  it("is anything up to twice as much with each failure, as far as maxDelay", () => {
    chance(1 - Number.EPSILON / 2);
    const longest = Array.from({ length: 8 }, (_, failures) =>
      Math.round(nextDelay({}, failures, undefined)),
    );
    expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    chance(0);
    expect(nextDelay({}, 5, undefined)).toBe(0);
  });

  it("is spread over all of that evenly", () => {
    const count = 4_000;
    const delays = Array.from({ length: count }, () => nextDelay({ delay: 1_000 }, 3, undefined));
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const delay of delays) tenths[Math.floor(delay / 800)]!++;
    // Each tenth gets 400; less than 280 or more than 520 has a chance of one in 10^9.
    for (const tenth of tenths) {
      expect(tenth).toBeGreaterThan(280);
      expect(tenth).toBeLessThan(520);
    }
  });

  it("begins from the delay, and ends at the maxDelay, that are given", () => {
    chance(0.5);
    expect(nextDelay({ delay: 100, maxDelay: 700 }, 1, undefined)).toBe(100);
    expect(nextDelay({ delay: 100, maxDelay: 700 }, 9, undefined)).toBe(350);
  });

  it("comes on top of what the server asked for, which is never cut", () => {
    chance(0);
    expect(nextDelay({}, 0, 5_000)).toBe(5_000);
    expect(nextDelay({ maxDelay: 1_000 }, 0, 3_600_000)).toBe(3_600_000);
    chance(0.5);
    expect(nextDelay({}, 0, 5_000)).toBe(7_500);
    expect(nextDelay({}, 1, 5_000)).toBe(10_000);
    expect(nextDelay({ maxDelay: 1_000 }, 9, 3_600_000)).toBe(3_600_500);
  });

  it("grows also where the server asks for none", () => {
    chance(0.5);
    expect(nextDelay({}, 0, 0)).toBe(50);
    expect(nextDelay({}, 4, 0)).toBe(800);
  });

  it("is a time that a timer can wait, never sooner than what was asked for, never much later", () => {
    const options = fc.record(
      { delay: fc.nat(100_000), maxDelay: fc.nat(1_000_000) },
      { requiredKeys: [] },
    );
    const told = fc.option(fc.oneof(fc.nat(100_000), fc.maxSafeNat(), fc.constant(1e30)), {
      nil: undefined,
    });
    fc.assert(
      fc.property(options, fc.nat(5_000), told, (options, failures, told) => {
        const delay = nextDelay(options, failures, told);
        expect(delay).toBeGreaterThanOrEqual(Math.min(told ?? 0, 2 ** 31 - 1));
        expect(delay).toBeLessThanOrEqual(
          Math.min((told ?? 0) + (options.maxDelay ?? 30_000), 2 ** 31 - 1),
        );
      }),
    );
  });
});
