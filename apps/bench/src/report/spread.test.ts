import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spread } from "./spread.js";

describe("spread", () => {
  it("leaves places that are far enough apart where they are", () => {
    expect(spread([100, 10, 50], 20)).toEqual([100, 10, 50]);
  });

  it("moves two that are too near by half each", () => {
    expect(spread([50, 52], 20)).toEqual([41, 61]);
  });

  it("moves more of them together", () => {
    expect(spread([50, 50, 50, 68], 20)).toEqual([24.5, 44.5, 64.5, 84.5]);
  });

  it("keeps the order, and keeps any two apart", () => {
    const places = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 12 });
    fc.assert(
      fc.property(places, (list) => {
        const moved = spread(list, 20);
        const pairs = list.map((place, i) => ({ place, moved: moved[i]! }));
        const order = pairs.toSorted((one, other) => one.moved - other.moved);
        for (let i = 1; i < order.length; i++) {
          expect(order[i]!.moved - order[i - 1]!.moved).toBeGreaterThanOrEqual(20 - 1e-9);
          expect(order[i]!.place).toBeGreaterThanOrEqual(order[i - 1]!.place);
        }
      }),
    );
  });
});
