import { describe, expect, it } from "vitest";
import { format, percent } from "./format.js";

describe("format", () => {
  it.each([
    [0.3474, "0.347"],
    [5.8, "5.80"],
    [46.11, "46.1"],
    [336.4, "336"],
    [1612.3, "1,612"],
    [20, "20"],
    [0, "0"],
    [-1.5, "-1.50"],
  ])("writes %d as %s", (value, written) => {
    expect(format(value)).toBe(written);
  });
});

describe("percent", () => {
  it("rounds to whole percents", () => {
    expect(percent(0.374)).toBe("37 %");
  });
});
