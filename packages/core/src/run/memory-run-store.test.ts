import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryRunStore } from "./memory-run-store.js";

// What every store of runs promises is held by the suite in @sluice/testing.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "Date", "setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const DONE = { state: "done", events: 3 } as const;

/** A store with a run of each of some keys. */
function storeWith(...keys: readonly string[]): MemoryRunStore {
  const store = new MemoryRunStore();
  for (const key of keys)
    store.claim(
      key,
      { attempt: "a", channel: `run/${key}`, principal: "ann", note: "" },
      undefined,
      15_000,
    );
  return store;
}

describe("the memory store of runs", () => {
  it("forgets runs of which nobody asks, and needs no timer when none is left", () => {
    const store = storeWith("brief", "long");
    expect(vi.getTimerCount()).toBe(1);
    store.finish("brief", "a", DONE, 10_000);
    store.finish("long", "a", DONE, 60_000);
    vi.advanceTimersByTime(15_000);
    expect(store.size).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect([store.size, vi.getTimerCount()]).toEqual([0, 0]);
    store.claim("brief", { attempt: "b", channel: "c", principal: "", note: "" }, undefined, 1);
    expect(vi.getTimerCount()).toBe(1);
  });

  it("does not keep the process alive", () => {
    vi.useRealTimers();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout");
    const before = timers();
    const { size } = storeWith("key");
    expect([size, timers()]).toEqual([1, before]);
  });

  it("forgets a run that nobody holds and nobody has ended after an hour", () => {
    const store = storeWith("left", "renewed");
    vi.advanceTimersByTime(10_000);
    store.renew("renewed", "a", 3_600_000);
    vi.advanceTimersByTime(3_600_000);
    expect(store.find("left")).toMatchObject({ state: "running", held: false });
    vi.advanceTimersByTime(10_000);
    expect([store.find("left"), store.size]).toEqual([undefined, 1]);
    expect(store.find("renewed")).toMatchObject({ held: false });
  });

  it("tells the times by the clock on the wall, and holds leases by another one", () => {
    const begun = Date.now();
    const store = storeWith("key");
    vi.setSystemTime(begun + 86_400_000);
    expect(store.find("key")).toMatchObject({ started: begun, held: true });
    vi.setSystemTime(begun - 86_400_000);
    expect(store.renew("key", "a", 15_000)).toEqual({ held: true, watched: false });
    store.finish("key", "a", DONE, 1_000);
    // Not before it began.
    expect(store.find("key")).toMatchObject({ started: begun, finished: begun, ...DONE });
  });

  it("gives out records that stay as they were found", () => {
    const store = storeWith("key");
    const found = store.find("key");
    store.finish("key", "a", DONE, 1_000);
    expect(found).toMatchObject({ state: "running", held: true, events: 0 });
  });
});
