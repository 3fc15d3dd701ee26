import { describe, expect, test } from "vitest";
import { colourOf, hasColours, painter } from "./colours.js";

describe("colours are there", () => {
  test.each([
    ["auto", true, {}, true],
    ["auto", false, {}, false],
    ["auto", true, { NO_COLOR: "1" }, false],
    ["auto", true, { NO_COLOR: "" }, true],
    ["auto", true, { TERM: "dumb" }, false],
    ["auto", false, { FORCE_COLOR: "1" }, true],
    ["auto", false, { FORCE_COLOR: "", NO_COLOR: "1" }, true],
    ["auto", true, { FORCE_COLOR: "0" }, false],
    ["always", false, { NO_COLOR: "1" }, true],
    ["never", true, { FORCE_COLOR: "1" }, false],
  ] as const)("with %s, a terminal %s and %j: %s", (choice, isTTY, env, expected) => {
    expect(hasColours(choice, { isTTY }, env)).toBe(expected);
  });
});

test("a name has one colour, and names have different ones", () => {
  const names = ["tick", "price", "trade", "update", "chat", "user-joined", "user-left", "done"];
  expect(names.map(colourOf)).toEqual(names.map(colourOf));
  expect(new Set(names.map(colourOf)).size).toBeGreaterThan(4);
  expect(colourOf("error")).toBe("red");
});

test("nothing is painted where there are no colours, and nothing that is empty", () => {
  expect(painter(false)("red", "x")).toBe("x");
  expect(painter(true)("red", "x")).toBe("\u001b[31mx\u001b[39m");
  expect(painter(true)("red", "")).toBe("");
});
