import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Channels } from "../channel/channels.js";
import { fakeContext } from "../../test/fake-context.js";
import { readRunOptions } from "./run-options.js";
import { channelOf, placeOf, placeOfRequest } from "./run-place.js";

/** Texts that are made of what names are put together with, and any others. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "/", "#", ":", "%", "2", "F", "="), maxLength: 6 }),
  fc.string({ unit: "binary", maxLength: 300 }),
);
const key = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "/", "#", ":", "%"), minLength: 1, maxLength: 6 }),
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 200 }),
);

describe("the place of a run", () => {
  it("is no other's, whatever principals and keys are made of", () => {
    const places = fc.tuple(text, key);
    fc.assert(
      fc.property(places, places, (one, other) => {
        const isSame = one[0] === other[0] && one[1] === other[1];
        const [first, second] = [one, other].map(([principal, name]) =>
          placeOf("test", name, principal),
        );
        expect(first!.id === second!.id).toBe(isSame);
        expect(channelOf(first!, "x") === channelOf(second!, "x")).toBe(isSame);
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives a name that a channel can have", () => {
    const channels = new Channels();
    fc.assert(
      fc.property(text, key, (principal, name) => {
        const channel = channelOf(placeOf("test", name, principal), "x".repeat(36));
        expect(channels.get(channel).name).toBe(channel);
      }),
    );
  });

  it("can be read where the texts are plain, and has a digest where they are not", () => {
    expect(placeOf("test", "answer:42", "ann@example.org").id).toBe("ann@example.org/answer:42");
    expect(placeOf("test", "answer:42", undefined).id).toBe("/answer:42");
    expect(placeOf("test", "a b", undefined).id).toMatch(/^\/#[\w-]{43}$/);
  });

  it("takes no principal and an empty one for the same", () => {
    expect(placeOf("test", "a", "")).toEqual(placeOf("test", "a", undefined));
  });

  it.each(["", 7, undefined, null, "a\nb", "a\u0085", "\ud800", "x".repeat(201), {}])(
    "is not found by the key %j",
    (value) => {
      expect(() => placeOf("Words.say: the key of @Run", value, "ann")).toThrow(
        expect.objectContaining({
          code: "ERR_RUN_KEY",
          message: expect.stringMatching(
            /^Words.say: the key of @Run must be a text of 1 to 200 characters without control characters, not /,
          ) as string,
        }),
      );
    },
  );

  it("is refused to the client who has made the key what it is, and not blamed on them where it is no text", () => {
    const ask = (key: unknown) => () =>
      placeOfRequest(
        "Words.say",
        readRunOptions("test", { key: () => key as string }),
        fakeContext(),
      );
    for (const key of ["", "a\nb", "x".repeat(201)])
      expect(ask(key)).toThrow(expect.objectContaining({ statusCode: 400, code: "ERR_RUN_KEY" }));
    expect(ask(undefined)).toThrow(
      expect.objectContaining({ name: "SluiceError", code: "ERR_RUN_KEY" }),
    );
  });
});
