import { describe, expect, it } from "vitest";
import { formatCountedId, newNonce, parseCountedId } from "./counted-id.js";

describe("a counted id", () => {
  it("is read as it was written", () => {
    for (const count of [0, 1, 9, 10, 123_456, 999_999_999_999]) {
      const nonce = newNonce();
      const id = formatCountedId(nonce, count);
      expect(id).toMatch(/^[A-Za-z0-9._-]{1,23}$/);
      expect(parseCountedId(id)).toEqual({ nonce, count });
    }
  });

  it("has a nonce that no other has", () => {
    const nonces = Array.from({ length: 1_000 }, newNonce);
    expect(new Set(nonces).size).toBe(1_000);
    for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9_-]{8}$/);
  });

  it.each([
    ["", "nothing"],
    ["1.abcdefgh", "no count"],
    ["1.abcdefgh.", "an empty count"],
    ["1.abcdefgh.01", "a leading zero"],
    ["1.abcdefgh.-1", "a sign"],
    ["1.abcdefgh.1.0", "a fraction"],
    ["1.abcdefgh.1e3", "an exponent"],
    ["1.abcdefgh.1234567890123", "a count that is too long"],
    ["1.abcdefgh.١", "a digit of another script"],
    ["1.abcdefg.1", "a nonce that is too short"],
    ["1.abcdefghi.1", "a nonce that is too long"],
    ["1.abcdefg+.1", "a character that is none of a nonce's"],
    ["2.abcdefgh.1", "another version"],
    ["01.abcdefgh.1", "a version with a zero"],
    [" 1.abcdefgh.1", "a space before it"],
    ["1.abcdefgh.1 ", "a space behind it"],
    ["1.abcdefgh.1\n", "a line break behind it"],
    ["\n1.abcdefgh.1", "a line break before it"],
    ["1.abcdefgh.1\0", "a NUL behind it"],
    ["1.abcdefgh.1#end", "the mark of the end"],
    ["1.abcdefgh.1, 1.abcdefgh.2", "a second one"],
  ])("is not %j: %s", (id) => {
    expect(parseCountedId(id)).toBeUndefined();
  });
});
