import { MemoryBroker } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BreakableBroker } from "../test/breakable-broker.js";
import { type BrokerCase, brokerConformance } from "./broker-conformance.js";

const named = (cases: readonly BrokerCase[]) => cases.map(({ name, run }) => [name, run] as const);

describe("H6: the memory broker keeps every promise of a broker", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const cases = brokerConformance({
    open: () => new BreakableBroker(),
    breakStore: (broker) => broker.break(),
    advance: (ms) => void vi.advanceTimersByTime(ms),
    synchronous: true,
    walks: 100,
  });

  it.each(named(cases))("%s", async (_, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("where time can't be advanced, the suite waits for it", () => {
  const cases = brokerConformance({ open: () => new MemoryBroker() });

  it.each(named(cases.filter(({ name }) => name.includes("the age"))))("%s", async (_, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

it("every case has a name of its own", () => {
  const names = brokerConformance({
    open: () => new BreakableBroker(),
    reopen: (broker) => broker,
    breakStore: (broker) => broker.break(),
    synchronous: true,
  }).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

it("what only some brokers promise is asked of them alone", () => {
  const open = () => new MemoryBroker();
  const all = brokerConformance({ open, reopen: open, synchronous: true }).length;
  expect(brokerConformance({ open, synchronous: true }).length).toBeLessThan(all);
  expect(brokerConformance({ open, reopen: open }).length).toBe(all - 1);
  const breakStore = () => () => {};
  expect(brokerConformance({ open, reopen: open, synchronous: true, breakStore }).length).toBe(
    all + 4,
  );
});
