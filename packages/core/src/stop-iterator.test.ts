import { describe, expect, it } from "vitest";
import type { SourceIterator, SourceItem } from "./source.js";
import { MAX_STOP_STEPS, stopIterator } from "./stop-iterator.js";

const fail = (message: string): never => {
  throw new Error(message);
};

describe("stopIterator", () => {
  it("C2: steps a generator that yields in finally on to its end, and drops what it yields", async () => {
    const trace: string[] = [];
    async function* source(): AsyncGenerator<SourceItem> {
      try {
        yield 1;
      } finally {
        yield { event: "bye", data: 1 };
        trace.push("after the first");
        yield { event: "bye", data: 2 };
        trace.push("after the second");
      }
    }
    const iterator = source();
    await iterator.next();
    expect(await stopIterator(iterator)).toBe(true);
    expect(trace).toEqual(["after the first", "after the second"]);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it("C2: does so with a sync generator", async () => {
    let cleaned = false;
    function* source(): Generator<SourceItem> {
      try {
        yield 1;
      } finally {
        yield 2;
        cleaned = true;
      }
    }
    const iterator = source();
    iterator.next();
    expect(await stopIterator(iterator)).toBe(true);
    expect(cleaned).toBe(true);
  });

  it("C2: gives up on a generator that yields for ever, after a bounded number of steps", async () => {
    let steps = 0;
    function* source(): Generator<SourceItem> {
      try {
        yield 0;
      } finally {
        for (;;) yield ++steps;
      }
    }
    const iterator = source();
    iterator.next();
    expect(await stopIterator(iterator)).toBe(false);
    expect(steps).toBe(MAX_STOP_STEPS + 1);
  });

  it("does not run a generator that was never started", async () => {
    let ran = false;
    async function* source(): AsyncGenerator<SourceItem> {
      ran = true;
      yield 1;
    }
    expect(await stopIterator(source())).toBe(true);
    expect(ran).toBe(false);
  });

  it("takes an iterator that can't be stopped as it is, and steps it no further", async () => {
    let steps = 0;
    const iterator: SourceIterator = { next: () => ({ done: false, value: ++steps }) };
    expect(await stopIterator(iterator)).toBe(true);
    expect(await stopIterator([1, 2][Symbol.iterator]())).toBe(true);
    expect(steps).toBe(0);
  });

  it("rejects with what the source throws while it stops", async () => {
    async function* source(): AsyncGenerator<SourceItem> {
      try {
        yield 1;
      } finally {
        yield 2;
        fail("in finally");
      }
    }
    const iterator = source();
    await iterator.next();
    await expect(stopIterator(iterator)).rejects.toThrow("in finally");
    const sync: SourceIterator = {
      next: () => ({ done: true, value: undefined }),
      return: () => fail("in return"),
    };
    await expect(stopIterator(sync)).rejects.toThrow("in return");
  });
});
