import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCursor, isAfter, parseCursor } from "./cursor.js";

const epoch = fc.string({
  minLength: 5,
  maxLength: 5,
  unit: fc.constantFrom(...Array.from("AZaz09_-")),
});
/** As far as ids go: the year 5188, and more batches within a millisecond than there can be. */
const place = fc.tuple(
  fc.integer({ min: 0, max: 36 ** 9 - 1 }),
  fc.integer({ min: 0, max: 36 ** 7 - 1 }),
);
const toNative = ([ms, seq]: readonly [number, number]) => `${ms}-${seq}`;

describe("a cursor", () => {
  it("H2: comes back as what it was, and is what a broker may give out", () => {
    fc.assert(
      fc.property(epoch, place, (epoch, place) => {
        const cursor = formatCursor(toNative(place), epoch);
        expect(cursor).toMatch(/^[A-Za-z0-9._-]{1,23}$/);
        expect(parseCursor(cursor)).toEqual({ native: toNative(place), epoch });
      }),
    );
  });

  it("is written in one way only", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from("AZaz09_-.")) }), (text) => {
        const place = parseCursor(text);
        expect(place === undefined || formatCursor(place.native, place.epoch) === text).toBe(true);
      }),
    );
  });

  it.each([
    ["", "nothing"],
    ["0-0", "a native id"],
    ["$", "what Redis takes for the newest"],
    ["+", "what Redis takes for the last"],
    ["(AAAAA.1-1", "what Redis takes for an open interval"],
    ["AAAAA.1", "one without a sequence number"],
    ["AAAAA.01-1", "one with a leading zero"],
    ["AAAAA.1-01", "one with a leading zero behind"],
    ["AAAAA.A-1", "one in capitals"],
    ["AAAA.1-1", "one with a short epoch"],
    ["AAAAAA.1-1", "one with a long epoch"],
    ["AAAAA.1-1, AAAAA.1-1", "two in one header"],
    ["AAAAA.1-1\n", "one with a line break"],
    ["AAAAA.zzzzzzzzzz-1", "one beyond all times"],
    ["1.AAAAAAAA.5", "one of the memory broker"],
    ["__proto__", "a name"],
    ["x".repeat(100_000), "a long text"],
  ])("H3: is none: %j, %s", (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });

  it("comes after another by its time, then by its number", () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const expected = a[0] === b[0] ? a[1] > b[1] : a[0] > b[0];
        expect(isAfter(toNative(a), toNative(b))).toBe(expected);
      }),
    );
  });
});
