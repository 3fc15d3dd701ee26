import { expect, it } from "vitest";
import type { Entry } from "./broker.js";
import { Ring } from "./ring.js";

const entry = (n: number, size = 0): Entry => ({
  id: `i${n}`,
  kind: "text",
  text: "x".repeat(size),
});

/** A ring with entries i1 to i5 of 10 bytes each, and 6 for the line of the id: `id: i1`. */
function filled(): Ring {
  const ring = new Ring("start");
  for (let n = 1; n <= 5; n++) ring.push(entry(n, 10));
  return ring;
}
const BYTES = 10 + "id: i1\n".length;
const idsOf = (entries: readonly Entry[]) => entries.map(({ id }) => id);

it("H5: numbers its entries from 1, after a cursor that stands for 0", () => {
  const ring = new Ring("start");
  expect([ring.head, ring.bytes, ring.position(0), ring.find("start")]).toEqual([0, 0, "start", 0]);
  ring.push(entry(1));
  expect([ring.head, ring.position(1), ring.find("i1"), ring.at(1).id]).toEqual([1, "i1", 1, "i1"]);
  expect(ring.find("i2")).toBeUndefined();
});

it("H5: counts bytes of UTF-8, with the line that the id takes", () => {
  const ring = filled();
  expect(ring.bytes).toBe(5 * BYTES);
  expect([0, 1, 4, 5].map((n) => ring.bytesAfter(n))).toEqual([5, 4, 1, 0].map((n) => n * BYTES));
  ring.push({ id: "i6", kind: "text", text: "äöü" });
  expect(ring.bytesAfter(5)).toBe(6 + "id: i6\n".length);
});

it("H5: drops the oldest beyond its bytes, but nothing that is not sent", () => {
  const ring = filled();
  ring.trim(2 * BYTES, 2);
  expect([ring.bytes, ring.reaches(1), ring.reaches(2)]).toEqual([3 * BYTES, false, true]);
  ring.trim(2 * BYTES, 5);
  expect([ring.bytes, ring.reaches(2), ring.reaches(3)]).toEqual([2 * BYTES, false, true]);
  ring.trim(2 * BYTES, 5);
  expect(ring.bytes).toBe(2 * BYTES);
});

it("H5: finds a cursor from which everything is there, and no older one", () => {
  const ring = filled();
  ring.trim(0, 3);
  expect(["start", "i1", "i2", "i3", "i4", "i5"].map((id) => ring.find(id))).toEqual([
    undefined,
    undefined,
    undefined,
    3,
    4,
    5,
  ]);
  expect(ring.position(3)).toBe("i3");
  expect(idsOf(ring.slice(3, 5, Number.POSITIVE_INFINITY))).toEqual(["i4", "i5"]);
});

it("H5: gives a part of at least one entry and about so many bytes", () => {
  const ring = filled();
  expect(idsOf(ring.slice(0, 5, 0))).toEqual(["i1"]);
  expect(idsOf(ring.slice(1, 5, BYTES + 1))).toEqual(["i2", "i3"]);
  expect(idsOf(ring.slice(1, 3, Number.POSITIVE_INFINITY))).toEqual(["i2", "i3"]);
  expect(ring.slice(5, 5, 100)).toEqual([]);
});

it("H3: goes on after another cursor, without what was sent before and with what was not", () => {
  const ring = filled();
  ring.restart("anew", 4);
  expect(["i4", "anew", "i5"].map((id) => ring.find(id))).toEqual([undefined, 4, 5]);
  expect([ring.head, ring.position(4)]).toEqual([5, "anew"]);
  ring.restart("again", 5);
  expect([ring.head, ring.bytes, ring.position(5)]).toEqual([5, 0, "again"]);
  ring.push(entry(6));
  expect(idsOf(ring.slice(5, 6, 1))).toEqual(["i6"]);
});
