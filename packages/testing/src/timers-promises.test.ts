import * as real from "node:timers/promises";
import { afterEach, beforeEach, expect, expectTypeOf, it, vi } from "vitest";
import * as timers from "./timers-promises.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("stands in for every export of node:timers/promises", () => {
  expect(Object.keys(real).filter((name) => !(name in timers))).toEqual(["default"]);
  const standIn: Pick<typeof real, "setTimeout" | "setImmediate" | "setInterval"> = timers;
  expectTypeOf(standIn).not.toBeAny();
});

it("waits by the fake clock, and gives the value", async () => {
  const waits = [
    timers.setTimeout(3_600_000, "value"),
    timers.scheduler.wait(3_600_000),
    timers.setImmediate(0, { ref: false }),
    timers.scheduler.yield(),
  ];
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(await Promise.all(waits)).toEqual(["value", undefined, 0, undefined]);
});

it("an interval misses no turn, and ends with the loop", async () => {
  const interval = timers.setInterval(1_000, "turn");
  const first = interval.next();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await first).toEqual({ value: "turn", done: false });
  expect(await interval.next()).toEqual({ value: "turn", done: false });
  expect(await interval.next()).toEqual({ value: "turn", done: false });
  await interval.return();
  expect(vi.getTimerCount()).toBe(0);
});

it("a signal ends the wait with its reason, and leaves no timer", async () => {
  const aborter = new AbortController();
  const { signal } = aborter;
  const waits = [
    timers.setTimeout(1_000, undefined, { signal }),
    timers.setImmediate(undefined, { signal }),
    timers.setInterval(1_000, undefined, { signal }).next(),
  ];
  const settled = Promise.allSettled(waits);
  const reason = new Error("left");
  aborter.abort(reason);
  for (const result of await settled) {
    expect(result).toMatchObject({
      status: "rejected",
      reason: { name: "AbortError", code: "ABORT_ERR", cause: reason },
    });
  }
  await expect(timers.setTimeout(1, undefined, { signal })).rejects.toThrow("aborted");
  expect(vi.getTimerCount()).toBe(0);
});

it("what keeps no process alive is let go", async () => {
  vi.useRealTimers();
  const count = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = count();
  const aborter = new AbortController();
  const options = { ref: false, signal: aborter.signal };
  const waits = [
    timers.setTimeout(60_000, undefined, options),
    timers.setInterval(60_000, undefined, options).next(),
  ];
  expect(count()).toBe(before);
  aborter.abort();
  const results = await Promise.allSettled(waits);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
