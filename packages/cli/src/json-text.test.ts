import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compactJson, isStructure, prettyJson } from "./json-text.js";

test("JSON on one line is the same JSON, whatever is in its strings", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat({ max: 3 }), (value, indent) => {
      expect(compactJson(JSON.stringify(value, null, indent))).toBe(JSON.stringify(value));
    }),
  );
});

test("JSON on several lines is what JSON.stringify makes of it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    }),
  );
});

test("numbers keep their digits, and doubled keys stay", () => {
  const json = '{ "a" : 12345678901234567890, "a" : [ 1.0 , 1e400 ], "b": {} }';
  expect(compactJson(json)).toBe('{"a":12345678901234567890,"a":[1.0,1e400],"b":{}}');
  expect(prettyJson(json)).toBe(
    '{\n  "a": 12345678901234567890,\n  "a": [\n    1.0,\n    1e400\n  ],\n  "b": {}\n}',
  );
});

test("neither a long string nor a deep nesting is too much", () => {
  const long = JSON.stringify({ a: 'x"\\'.repeat(1_000_000) }, null, 1);
  expect(compactJson(long)).toHaveLength(long.length - 4);
  const deep = "[".repeat(50_000) + "]".repeat(50_000);
  expect(prettyJson(deep).length).toBeLessThan(100_000 * 70);
});

test("only objects and arrays are structures", () => {
  expect([" {}", "[1]", "{", "[info] x", '"a"', "1", ""].map(isStructure)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
