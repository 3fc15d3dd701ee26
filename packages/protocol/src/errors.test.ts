import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SSE_ENCODE_ERROR_CODES, SseEncodeError, quote } from "./errors.js";

describe("SseEncodeError", () => {
  it("is a TypeError with a code, a field and a cause", () => {
    const cause = new Error("why");
    const error = new SseEncodeError("ERR_SSE_ID", "id", "Bad id.", { cause });
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      name: "SseEncodeError",
      code: "ERR_SSE_ID",
      field: "id",
      message: "Bad id.",
    });
    expect(error.cause).toBe(cause);
  });

  it("has no cause when none was given", () => {
    expect(new SseEncodeError("ERR_SSE_EMPTY", undefined, "Empty.")).not.toHaveProperty("cause");
  });

  it("has the codes that the README lists, and no others", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const listed = [...readme.matchAll(/^\| `(ERR_\w+)`/gm)].map((match) => match[1]);
    expect(listed).toEqual([...SSE_ENCODE_ERROR_CODES]);
  });

  it("quotes at most 40 characters and escapes what a terminal would act on", () => {
    expect(quote('a"b\n\u0085\u2028\u202e')).toBe('"a\\"b\\n\\u0085\\u2028\\u202e"');
    expect(quote("x".repeat(41))).toBe(`"${"x".repeat(40)}"... (41 characters)`);
  });
});
