import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { Window } from "./window.js";

describe("a window", () => {
  it("gives items the numbers from its first on", () => {
    const window = new Window<string>(5);
    expect([window.first, window.end, window.size]).toEqual([5, 5, 0]);
    window.push("five");
    window.push("six");
    expect([window.first, window.end, window.size]).toEqual([5, 7, 2]);
    expect([4, 5, 6, 7].map((number) => window.at(number))).toEqual([
      undefined,
      "five",
      "six",
      undefined,
    ]);
  });

  it("keeps the numbers of those that stay when the first is taken away", () => {
    const window = new Window<string>(1);
    for (const item of ["a", "b", "c"]) window.push(item);
    expect(window.shift()).toBe("a");
    expect([window.first, window.end, window.size]).toEqual([2, 4, 2]);
    expect([1, 2, 3].map((number) => window.at(number))).toEqual([undefined, "b", "c"]);
  });

  it("gives nothing away when it is empty, and goes on counting", () => {
    const window = new Window<string>(1);
    expect(window.shift()).toBeUndefined();
    window.push("a");
    expect([window.shift(), window.shift()]).toEqual(["a", undefined]);
    expect([window.first, window.end]).toEqual([2, 2]);
    window.push("b");
    expect(window.at(2)).toBe("b");
  });

  it("is a list whose beginning is cut, whatever its length", () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 200 })), { maxLength: 12 });
    fc.assert(
      fc.property(steps, (rounds) => {
        const window = new Window<number>(0);
        let first = 0;
        let end = 0;
        for (const [pushes, shifts] of rounds) {
          for (let n = 0; n < pushes; n++) window.push(end++);
          for (let n = 0; n < shifts; n++)
            expect(window.shift()).toBe(first < end ? first++ : undefined);
          expect([window.first, window.end, window.size]).toEqual([first, end, end - first]);
          for (const number of [first - 1, first, end - 1, end])
            expect(window.at(number)).toBe(number >= first && number < end ? number : undefined);
        }
      }),
    );
  });
});
