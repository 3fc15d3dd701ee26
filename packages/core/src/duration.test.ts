import { describe, expect, expectTypeOf, it } from "vitest";
import { SluiceError, toMilliseconds, type Duration } from "./index.js";

describe("toMilliseconds", () => {
  it.each([
    [0, 0],
    [250, 250],
    ["500ms", 500],
    ["15s", 15_000],
    ["10m", 600_000],
    ["1h", 3_600_000],
    ["1.5s", 1500],
    ["1.1s", 1100],
    [2 ** 31 - 1, 2 ** 31 - 1],
  ] as const)("reads %j as %i ms", (duration, milliseconds) => {
    expect(toMilliseconds(duration, "x")).toBe(milliseconds);
  });

  it.each([
    -1,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 31,
    "15",
    "-1s",
    "0.5ms",
    "1e3s",
    "15 s",
    "15d",
    "600h",
    "",
    null,
    undefined,
    true,
    {},
  ])("refuses %j", (duration) => {
    expect(() => toMilliseconds(duration as Duration, "x")).toThrow(SluiceError);
  });

  it("names the option and the value in the error", () => {
    expect(() => toMilliseconds("soon" as Duration, "keepAlive")).toThrow(
      expect.objectContaining({
        code: "ERR_DURATION",
        message: expect.stringMatching(/^keepAlive must be .*, not "soon"\.$/),
      }),
    );
  });

  it("takes a number, or a number with a unit, as its type", () => {
    expectTypeOf<"15s">().toExtend<Duration>();
    expectTypeOf<15>().toExtend<Duration>();
    expectTypeOf<"soon">().not.toExtend<Duration>();
    expectTypeOf<"15d">().not.toExtend<Duration>();
  });
});
