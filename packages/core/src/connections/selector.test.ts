import { describe, expect, it } from "vitest";
import { fakeConnection } from "../../test/connection.js";
import {
  connectionKeys,
  type ConnectionSelector,
  readSelector,
  selectorKey,
  selects,
} from "./selector.js";

const ann = fakeConnection({ principal: "ann", tags: { tenant: "a", device: "1" } });

describe("a selector", () => {
  it.each<[ConnectionSelector, boolean]>([
    [{ principal: "ann" }, true],
    [{ principal: "bob" }, false],
    [{ route: "Rooms.join" }, true],
    [{ route: "Rooms.leave" }, false],
    [{ tags: { tenant: "a" } }, true],
    [{ tags: { tenant: "a", device: "2" } }, false],
    [{ tags: { tenant: "a", device: "1" }, principal: "ann", route: "Rooms.join" }, true],
    [{ tags: { tenant: "a" }, principal: "bob" }, false],
    [{ tags: { constructor: "a" } }, false],
  ])("%j means those of whom all of it is true: %s", (selector, means) => {
    expect(selects(readSelector(selector), ann)).toBe(means);
  });

  it("means nobody by a principal where nobody has been named", () => {
    expect(selects({ principal: "ann" }, fakeConnection())).toBe(false);
  });

  it("is found by one of the keys of whom it means, and no two keys are the same", () => {
    const selectors: ConnectionSelector[] = [
      { principal: "ann" },
      { tags: { device: "1" } },
      { route: "Rooms.join" },
    ];
    expect([...connectionKeys(ann)]).toEqual(
      expect.arrayContaining(selectors.map((selector) => selectorKey(selector))),
    );
    expect(selectorKey({ tags: { ab: "c" } })).not.toBe(selectorKey({ tags: { a: "bc" } }));
    expect(selectorKey({ principal: "x" })).not.toBe(selectorKey({ route: "x" }));
  });

  it.each([
    ["is empty", {}],
    ["has no tags in tags", { tags: {} }],
    [
      "has a principal that is undefined, which would widen it",
      { principal: undefined, route: "R" },
    ],
    ["has a tag that is undefined", { tags: { tenant: undefined } }],
    ["has an empty principal", { principal: "" }],
    ["has a name that is misspelled", { tag: { tenant: "a" }, route: "R" }],
    ["has a number", { principal: 7 }],
    ["has a list of tags", { tags: ["a"] }],
    ["is a function", () => true],
    ["is a list", [{ principal: "ann" }]],
    ["is nothing", undefined],
    ["is longer than 4,096 characters", { principal: "x".repeat(4_096) }],
  ])("throws ERR_OPTION when it %s", (_, selector) => {
    expect(() => readSelector(selector as never)).toThrow(
      expect.objectContaining({ code: "ERR_OPTION" }),
    );
  });

  it("is a copy: what is done to the original later changes nothing", () => {
    const tags = { tenant: "a" };
    const copy = readSelector({ tags });
    tags.tenant = "b";
    expect(copy).toEqual({ tags: { tenant: "a" } });
  });
});
