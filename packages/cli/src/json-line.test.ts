import { expect, test } from "vitest";
import { jsonLine } from "./json-line.js";

const AT = Date.UTC(2025, 0, 2, 3, 4, 5, 67);
const line = (data: string, id?: string) => jsonLine({ event: "tick", id, data }, AT);

test("an event is one line of JSON", () => {
  expect(line('{"n": 1}', "42")).toBe(
    '{"event":"tick","id":"42","data":{"n":1},"time":"2025-01-02T03:04:05.067Z"}',
  );
});

test.each([
  ["text", "text"],
  ["two\nlines", "two\nlines"],
  ["", ""],
  ['{\n "a": [1,\n2] }', { a: [1, 2] }],
  ["null", null],
  ["42", 42],
  ['"quoted"', "quoted"],
  ["{broken", "{broken"],
  ['"\u009b\u2028\u007f\u202e"', "\u009b\u2028\u007f\u202e"],
  ["\u001b[31m", "\u001b[31m"],
])("the data %j is %j", (data, value) => {
  expect(line(data)).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(line(data))).toMatchObject({ id: null, data: value });
});

test("large numbers keep their digits", () => {
  expect(line("[12345678901234567890, 1.10]")).toContain('"data":[12345678901234567890,1.10]');
});
