import { describe, expect, test } from "vitest";
import { fit, pad, widthOf } from "./width.js";

test.each([
  ["abc", 3],
  ["日本", 4],
  ["한글", 4],
  ["e\u0301", 1],
  ["😀", 2],
  ["ｆｕｌｌ", 8],
  ["naïve", 5],
  ["…", 1],
  ["", 0],
])("%s takes %d columns", (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});

describe("a text is cut to the columns that there are", () => {
  test.each([
    ["abcdef", 6, "abcdef"],
    ["abcdef", 5, "abcd…"],
    ["abcdef", 1, "…"],
    ["abcdef", 0, ""],
    ["abcdef", -3, ""],
    ["日本語", 6, "日本語"],
    ["日本語", 5, "日本…"],
    ["日本語", 4, "日…"],
    ["a日", 2, "a…"],
    ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
    ["日本語", Infinity, "日本語"],
  ])("%s in %d", (text, columns, cut) => {
    expect(fit(text, columns)).toBe(cut);
    expect(widthOf(fit(text, columns))).toBeLessThanOrEqual(Math.max(columns, 0));
  });
});

test("a text is filled up by what is seen of it", () => {
  expect(pad("日", 4)).toBe("日  ");
  expect(pad("abcdef", 4)).toBe("abcdef");
});
