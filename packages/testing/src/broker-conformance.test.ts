import { MemoryBroker } from "@sluice/core";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { brokerConformance } from "./broker-conformance.js";

describe("the memory broker keeps every promise of a broker", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const cases = brokerConformance({
    open: () => new MemoryBroker(),
    advance: (ms) => void vi.advanceTimersByTime(ms),
    synchronous: true,
    walks: 100,
  });
  for (const { name, run } of cases) it(name, run);
});

describe("without a clock of its own, the suite waits for real time", () => {
  const cases = brokerConformance({ open: () => new MemoryBroker() });
  for (const { name, run } of cases.filter(({ name }) => name.includes("the age"))) it(name, run);
});
