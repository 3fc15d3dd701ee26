import { describe, expect, test } from "vitest";
import { painter } from "./colours.js";
import { EventText, type EventTextOptions, type TextEvent } from "./event-text.js";
import { widthOf } from "./width.js";

const AT = new Date(2025, 0, 2, 3, 4, 5, 67).getTime();

function writer(options: Partial<EventTextOptions> = {}) {
  const text = new EventText({
    form: "line",
    time: "clock",
    paint: painter(false),
    columns: () => undefined,
    hasLatency: false,
    ...options,
  });
  return (event: Partial<TextEvent>, before?: number, latency?: number) =>
    text.write(
      { event: "message", id: undefined, data: "", ...event },
      { at: AT, before, latency },
    );
}

test("an event is a line: time, name, id, data", () => {
  const write = writer();
  expect(write({ event: "tick", id: "42", data: '{"n":1}' })).toBe(
    '03:04:05.067  tick  42    {"n":1}',
  );
});

test("columns grow in steps, and never shrink", () => {
  const write = writer({ time: "none" });
  expect(write({ event: "a", id: "1", data: "x" })).toBe("a     1     x");
  expect(write({ event: "price", id: "1", data: "x" })).toBe("price     1     x");
  expect(write({ event: "a", id: "12345", data: "x" })).toBe("a         12345     x");
  expect(write({ event: "a-name-that-is-longer-than-others", id: "1", data: "x" })).toMatch(
    /^a-name-that-is-longer-than-others {2}1 {7} {2}x$/,
  );
});

test("without ids there is no column for them", () => {
  expect(writer({ time: "none" })({ data: "x" })).toBe("message   x");
});

test.each([
  ["iso", new Date(AT).toISOString()],
  ["delta", "  +1.500"],
] as const)("the time can be %s", (time, text) => {
  expect(writer({ time })({ data: "x" }, AT - 1_500)).toBe(`${text}  message   x`);
});

test("the latency has a column of its own", () => {
  const write = writer({ time: "none", hasLatency: true });
  expect(write({ data: "x" }, undefined, 12)).toBe("   12 ms  message   x");
  expect(write({ data: "x" })).toBe("          message   x");
});

describe("in a terminal", () => {
  const columns = 40;
  const write = writer({ columns: () => columns });

  test.each([
    ["JSON", { data: JSON.stringify({ a: "x".repeat(100) }) }],
    ["wide letters", { data: "日本語".repeat(100) }],
    ["marks", { data: "e\u0301".repeat(100) }],
    ["escapes", { data: "\u001b[31m".repeat(100) }],
    ["a long name", { event: "n".repeat(1_000), data: "x".repeat(100) }],
    ["a long id", { id: "i".repeat(1_000), data: "x".repeat(100) }],
    ["16 MiB", { data: "x".repeat(2 ** 24) }],
  ])("a line of %s is as wide as the terminal, and no wider", (_, event) => {
    const line = write(event);
    expect(widthOf(line)).toBeGreaterThan(columns - 3);
    expect(widthOf(line)).toBeLessThanOrEqual(columns);
    expect(line).toContain("…");
  });

  test.each([1, 5, 12, 13, 20])("of %d columns, no line is wider", (width) => {
    const line = writer({ columns: () => width })({ event: "price", id: "1.a.42", data: "{}" });
    expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  test("--full leaves the line as long as it is", () => {
    const full = writer({ columns: () => columns, form: "full" });
    expect(full({ data: "x".repeat(100) })).toContain("x".repeat(100));
  });
});

describe("data", () => {
  const write = writer({ time: "none" });

  test("is one line, whatever is in it", () => {
    expect(write({ data: "two\nlines" })).toBe("message   two\\nlines");
    expect(write({ data: '{\n  "a": 1\n}' })).toBe('message   {"a":1}');
    expect(write({ data: '{ "a": 1.0 }' })).toBe('message   { "a": 1.0 }');
    expect(write({ data: "[info]  it\n works" })).toBe("message   [info]  it\\n works");
  });

  test("stands below its event with --pretty", () => {
    const pretty = writer({ time: "none", form: "pretty" });
    expect(pretty({ id: "1", data: '{"a":[1]}' })).toBe(
      'message   1\n  {\n    "a": [\n      1\n    ]\n  }',
    );
    expect(pretty({ data: "two\nlines\u001b[m" })).toBe("message\n  two\n  lines\\u001b[m");
  });
});

test.each(["line", "full", "pretty"] as const)(
  "an injection in a name, an id and data does nothing, with colours and --%s",
  (form) => {
    const evil = "\u001b]0;x\u0007\u009b2J\u202e";
    const write = writer({ form, paint: painter(true), columns: () => 200 });
    const line = write({ event: evil, id: evil, data: `{"${evil.slice(5)}":1}` });
    // What is left are the colours that the program gives.
    const rest = line.replaceAll(/\u001b\[\d+m/g, "");
    expect(rest).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(rest).toContain("\\u001b]0;x\\u0007\\u009b2J\\u202e");
  },
);

test("with colours, keys are dim and the name has its colour", () => {
  const write = writer({ time: "none", paint: painter(true) });
  const line = write({ event: "error", data: '{"a":"b: \\"c\\":"}' });
  expect(line).toBe('\u001b[31merror   \u001b[39m  {\u001b[2m"a":\u001b[22m"b: \\"c\\":"}');
});
