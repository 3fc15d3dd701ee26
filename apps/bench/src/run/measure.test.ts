import { describe, expect, it } from "vitest";
import { fan1000 } from "../workloads/fans.js";
import { leavingClients, stalledClient } from "../workloads/misbehaving.js";
import { replayed } from "../workloads/replay.js";
import type { Figures } from "../workloads/workload.js";
import { valuesOf } from "./measure.js";

const figures: Figures = {
  connections: 1_000,
  heads: 1_000,
  ended: 0,
  events: 200_000,
  lost: 0,
  doubled: 0,
  disordered: 0,
  serverCpu: 1_200_000_000,
  clientCpu: 800_000_000,
  elapsed: 3_200_000_000,
  clientBusy: 0.25,
  bytes: 1,
  reads: 1,
};

describe("valuesOf", () => {
  it("keeps CPU time for each delivery in microseconds, and the checks", () => {
    const latency = { p50: 10_720_000, p99: 21_000_000, p999: 25_000_000, max: 30_000_000 };
    expect(valuesOf(fan1000, { ...figures, latency })).toEqual({
      cpu: 6,
      perCore: 166_700,
      p50: 10.72,
      clientBusy: 0.25,
      serverBusy: 0.375,
      lost: 0,
      doubled: 0,
      disordered: 0,
      heads: 1,
    });
  });

  it("takes the growth of memory, and whether the stalled client was closed", () => {
    const stalled = { rssBefore: 60_000_000, rssPeak: 66_500_000, stalledClosed: 1, live: 0 };
    const control = { ...figures, ...stalled, rssPeak: 62_000_000 };
    expect(valuesOf(stalledClient, { ...figures, ...stalled }, control)).toMatchObject({
      growth: 6.5,
      anyway: 2,
      closed: 1,
    });
  });

  it("takes the time of a replay from its median, and its CPU time from all", () => {
    const times = [6_000_000, 8_000_000, 70_000_000];
    const values = valuesOf(replayed, { ...figures, events: 30_000, times });
    expect(values).toMatchObject({ time: 0.8, cpu: 40 });
  });

  it("refuses what the load client did not print", () => {
    expect(() => valuesOf(leavingClients, { ...figures, live: null })).toThrow(/"live"/);
  });

  it("refuses figures where nothing was received", () => {
    const latency = { p50: 0, p99: 0, p999: 0, max: 0 };
    const nothing = { ...figures, events: 0, latency };
    expect(() => valuesOf(fan1000, nothing)).toThrow(/received nothing/);
  });
});
