import { describe, expect, it } from "vitest";
import type { Reading } from "./program/meters/meter.js";
import { dividedBy, least, minus, only, partsOf, totalOf, without } from "./reading.js";

describe("readings", () => {
  it("are subtracted name by name, also where one lacks a name", () => {
    expect(minus({ a: 3, b: 1 }, { b: 2, c: 4 })).toEqual({ a: 3, b: -1, c: -4 });
  });

  it("are shared out and added up", () => {
    expect(dividedBy({ a: 3, b: 1 }, 2)).toEqual({ a: 1.5, b: 0.5 });
    expect(totalOf({ a: 3, b: 1 })).toBe(4);
    expect(totalOf({})).toBe(0);
  });

  it("are split by name", () => {
    expect(only({ write: 2, read: 3 }, ["write", "writev"])).toEqual({ write: 2 });
    expect(without({ write: 2, read: 3 }, ["write", "writev"])).toEqual({ read: 3 });
  });

  it("show their largest parts first, and none that is nothing", () => {
    expect(partsOf({ a: 0.001, b: 1, c: 2.5 })).toEqual(["2.50 c", "1.00 b"]);
  });
});

describe("the least of several readings", () => {
  const from = (readings: Reading[]) => () => Promise.resolve(readings.shift()!);

  it("is the one with the smallest total", async () => {
    const readings = [{ a: 3 }, { a: 1, b: 1 }, { a: 4 }];
    expect(await least(3, from(readings))).toEqual({ a: 1, b: 1 });
  });

  it("is none within which garbage was collected, and another is taken for it", async () => {
    const readings = [
      { bytes: -5, collections: 1 },
      { bytes: 8, collections: 0 },
      { bytes: 7, collections: 0 },
    ];
    expect(await least(2, from(readings))).toEqual({ bytes: 7 });
    expect(readings).toEqual([]);
  });

  it("is not to be had where garbage is collected each time", async () => {
    const take = () => Promise.resolve({ bytes: 1, collections: 1 });
    await expect(least(2, take)).rejects.toMatchObject({ code: "failed" });
  });
});
