import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelKey, CompositeCursor, MAX_MERGED } from "./composite-cursor.js";

const id = fc.stringMatching(/^[A-Za-z0-9._-]{1,23}$/);
const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: MAX_MERGED });

describe("a composite cursor", () => {
  it("H7: comes back as it was made, for any channels", () => {
    fc.assert(
      fc.property(names, fc.infiniteStream(id), (channels, ids) => {
        const cursors = [...ids.take(channels.length)];
        const cursor = new CompositeCursor(channels);
        expect(cursor.parse(cursor.format(cursors))).toEqual(cursors);
      }),
    );
  });

  it("H7: of 32 channels with the longest ids fits into a Last-Event-ID with its mark", () => {
    const channels = Array.from({ length: MAX_MERGED }, (_, n) => `channel ${n}`);
    const cursor = new CompositeCursor(channels).format(channels.map(() => "x".repeat(23)));
    expect(Buffer.byteLength(cursor)).toBeLessThanOrEqual(1020);
    expect(cursor).toMatch(/^[\x21-\x7e]+$/);
  });

  it("H7: knows what it can of a cursor of another set of channels", () => {
    const made = new CompositeCursor(["a", "c"]).format(["1", "3"]);
    expect(new CompositeCursor(["a", "b", "c"]).parse(made)).toEqual(["1", undefined, "3"]);
    expect(new CompositeCursor(["b"]).parse(made)).toEqual([undefined]);
  });

  it("H7: tells channels apart that share a key, by their order", () => {
    const cursor = new CompositeCursor(["a", "a"]);
    expect(cursor.parse(cursor.format(["1", "2"]))).toEqual(["1", "2"]);
  });

  it("does not show the names of its channels", () => {
    expect(channelKey("room:secret")).toMatch(/^[A-Za-z0-9_-]{6}$/);
    expect(channelKey("room:secret")).not.toBe(channelKey("room:secreu"));
  });

  it.each([
    "",
    "m1",
    "m1~",
    "~",
    "m2~KEYKEY:1",
    "m1~KEYKEY",
    "m1~KEYKEY:",
    "m1~KEYKE:1",
    "m1~KEYKEYK:1",
    "m1~KEYKEY:1~",
    "m1~~KEYKEY:1",
    "m1~KEYKEY:1:2",
    "m1~KEYKEY:1 ",
    " m1~KEYKEY:1",
    "m1~KEYKEY:ä",
    "m1~KEYKEY:1\n",
    "m1~KEYKEY:1#end",
    `m1~KEYKEY:${"1".repeat(24)}`,
    "1.AAAAAAAA.1",
    `m1${"~KEYKEY:1".repeat(33)}`,
  ])("H3: is refused when it is none: %j", (text) => {
    expect(new CompositeCursor(["a"]).parse(text)).toBeUndefined();
  });

  it("H3: reads anything without throwing", () => {
    const anything = fc.oneof(
      fc.string(),
      id.map((part) => `m1~KEYKEY:${part}`),
      id.map((part) => `m1~${part}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const parsed = new CompositeCursor(["a", "b"]).parse(text);
        expect(parsed === undefined || parsed.length === 2).toBe(true);
      }),
    );
  });
});
