import { expect, it } from "vitest";
import { Batch } from "./batch.js";
import { Sieve } from "./sieve.js";

const batchOf = (n: number): Batch =>
  Batch.ofEntries([{ id: `1.x.${n}`, kind: "json", text: `data: ${n}\n\n` }]);

it.each([
  [1_000, 256],
  [30, 10],
  [0, 1],
])(
  "H2: of a history of %i events, a client is told where it is after %i that it was not sent",
  (kept, told) => {
    const sieve = new Sieve(() => false, kept);
    for (let n = 1; n < told; n++) expect(sieve.sift(batchOf(n))).toBeUndefined();
    expect(sieve.sift(batchOf(told))?.text).toBe(
      `event: sluice.position\nid: 1.x.${told}\ndata: {}\n\n`,
    );
  },
);

it("H2: an event that passes tells it too", () => {
  const sieve = new Sieve(({ event }) => event.data === 2, 9);
  expect(sieve.sift(batchOf(0))).toBeUndefined();
  expect(sieve.sift(batchOf(1))).toBeUndefined();
  const second = batchOf(2);
  expect(sieve.sift(second)).toBe(second);
  expect(sieve.sift(batchOf(3))).toBeUndefined();
});
