import { describe, expect, it } from "vitest";
import { SseEncodeError } from "./errors.js";
import { checkId, isLegalId } from "./id.js";
import { END_MARK, MAX_LAST_EVENT_ID_BYTES, isEndMark, stripEndMark } from "./reserved.js";

describe("ids", () => {
  it.each(["", "0", "42", "a b", "caf\u00e9", "\u{1f600}", "1-2", "{}", "#", "\u00a0a"])(
    "W3: %j may be sent, and is legal when it comes back",
    (id) => {
      expect(() => checkId(id)).not.toThrow();
      expect(isLegalId(id)).toBe(true);
    },
  );

  it.each(["a\n", "a\rb", "\0", "\t", "\u007f", "\u0085", " a", "a "])(
    "W3: %j may not be sent, and is not legal when it comes back",
    (id) => {
      expect(() => checkId(id)).toThrow(SseEncodeError);
      expect(isLegalId(id)).toBe(false);
    },
  );

  it("O5: an id that comes back may have 1024 bytes of UTF-8 and no more", () => {
    expect(isLegalId("x".repeat(MAX_LAST_EVENT_ID_BYTES))).toBe(true);
    expect(isLegalId("x".repeat(MAX_LAST_EVENT_ID_BYTES + 1))).toBe(false);
    expect(isLegalId("\u20ac".repeat(341))).toBe(true);
    expect(isLegalId("\u20ac".repeat(341) + "x")).toBe(true);
    expect(isLegalId("\u20ac".repeat(341) + "xx")).toBe(false);
    expect(isLegalId("\u{1f600}".repeat(256))).toBe(true);
    expect(isLegalId("\u{1f600}".repeat(257))).toBe(false);
  });

  it("W2: a lone surrogate is never sent, so that none can come back", () => {
    expect(() => checkId("\ud800")).not.toThrow();
    expect(isLegalId("\ud800")).toBe(false);
    expect(isLegalId("\ufffd")).toBe(true);
  });

  it("C3: the mark may come back, though an application can't send it", () => {
    expect(isLegalId(`42${END_MARK}`)).toBe(true);
    expect(() => checkId(`42${END_MARK}`)).toThrow(/mark/);
  });

  it("C3: the mark is told and taken off at the end only", () => {
    expect(isEndMark("42#end")).toBe(true);
    expect(isEndMark("#end")).toBe(true);
    expect(isEndMark("#end42")).toBe(false);
    expect(isEndMark("")).toBe(false);
    expect(stripEndMark("42#end")).toBe("42");
    expect(stripEndMark("#end")).toBe("");
    expect(stripEndMark("#end42")).toBe("#end42");
  });
});
