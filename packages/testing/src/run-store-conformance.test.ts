import { MemoryRunStore } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type RunStoreCase, runStoreConformance } from "./run-store-conformance.js";

const named = (cases: readonly RunStoreCase[]) =>
  cases.map(({ name, run }) => [name, run] as const);

describe("the memory store keeps every promise of a store of runs", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const cases = runStoreConformance({
    open: () => new MemoryRunStore(),
    advance: (ms) => void vi.advanceTimersByTime(ms),
    synchronous: true,
    walks: 100,
  });

  it.each(named(cases))("%s", async (_, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("where time can't be advanced, the suite waits for it", () => {
  const cases = runStoreConformance({ open: () => new MemoryRunStore(), walks: 1 });

  it.each(named(cases))("%s", async (_, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

it("every case has a name of its own", () => {
  const open = () => new MemoryRunStore();
  const all = runStoreConformance({ open, reopen: open, synchronous: true });
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(runStoreConformance({ open, synchronous: true }).length).toBeLessThan(all.length);
  expect(runStoreConformance({ open, reopen: open }).length).toBe(all.length - 1);
});
