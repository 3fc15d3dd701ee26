import { expect, test } from "vitest";
import { formatBytes, formatCount, formatRate, formatTime } from "./units.js";

test.each([
  [0, "0 ms"],
  [0.04, "0 ms"],
  [1.25, "1.3 ms"],
  [-4, "-4 ms"],
  [9.96, "10 ms"],
  [999.4, "999 ms"],
  [999.6, "1 s"],
  [1_200, "1.2 s"],
  [59_940, "59.9 s"],
  [59_960, "1 m 0 s"],
  [125_000, "2 m 5 s"],
  [3_599_400, "59 m 59 s"],
  [3_599_600, "1 h 0 m"],
  [5_400_000, "1 h 30 m"],
])("%d ms are %s", (ms, text) => {
  expect(formatTime(ms)).toBe(text);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1 kB"],
  [1_234, "1.23 kB"],
  [123_456, "123 kB"],
  [999_600, "1 MB"],
  [5e9, "5 GB"],
  [7.25e14, "725 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("rates have three digits, and counts commas", () => {
  expect([0, 0.5, 99.94, 99.96, 12_345].map(formatRate)).toEqual([
    "0/s",
    "0.5/s",
    "99.9/s",
    "100/s",
    "12,345/s",
  ]);
  expect(formatCount(1, "event")).toBe("1 event");
  expect(formatCount(0, "event")).toBe("0 events");
  expect(formatCount(1_234_567, "event")).toBe("1,234,567 events");
});
