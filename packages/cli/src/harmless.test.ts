import * as fc from "fast-check";
import { expect, test } from "vitest";
import { harmless, harmlessLines } from "./harmless.js";

const attacks: [string, string][] = [
  ["colours", "\u001b[31mred"],
  ["a cleared screen", "\u001b[2J\u001b[H"],
  ["a title", "\u001b]0;title\u0007"],
  ["an 8 bit CSI", "\u009b31m"],
  ["an 8 bit OSC", "\u009d0;title\u009c"],
  ["a device report, which a terminal answers", "\u001b[c"],
  ["a carriage return that hides what was before", "all good\rerror"],
  ["backspaces", "ab\b\bcd"],
  ["a text direction", "user\u202egnp.exe"],
  ["an isolate", "\u2066a\u2069"],
  ["invisible letters", "a\u200bb\ufeffc\u{e0041}"],
  ["line separators", "a\u2028b\u2029c"],
  ["DEL and NUL", "a\u007fb\u0000"],
];

test.each(attacks)("%s come out as what they are, in letters", (_, attack) => {
  const safe = harmless(attack);
  expect(safe).not.toBe(attack);
  expect(safe).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(`"${safe}"`)).toBe(attack);
});

test("line breaks and tabs have short names, and stay where lines are wanted", () => {
  expect(harmless("a\n\tb\r")).toBe("a\\n\\tb\\r");
  expect(harmlessLines("a\n\tb\r\u001b[m")).toBe("a\n\tb\\u000d\\u001b[m");
});

test("words and pictures of any language are left alone", () => {
  const text = "naïve 日本語 עברית می‌خواهم 👩‍👩‍👧 e\u0301";
  expect(harmless(text)).toBe(text);
});

test("nothing that steers a terminal is left of any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(harmless(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
      expect(harmless(text).isWellFormed()).toBe(true);
    }),
  );
});
