import { expect, it } from "vitest";
import { type HalfOpenReport, stalledProxy, type Traffic, vanishedPeer } from "./half-open.js";
import { noNetwork } from "./network.js";

interface HalfOpenCase {
  readonly name: string;
  /** How often the server's system sends something again; a proxy stalls where it is left out. */
  readonly retries?: number;
  readonly traffic: Traffic;
  readonly reason: string;
  /** When it has to be found, in milliseconds. */
  readonly from: number;
  readonly to: number;
}

const CASES: readonly HalfOpenCase[] = [
  {
    name: "a proxy stops reading, a lot is sent, writeTimeout 5 s",
    traffic: { bytes: 65_536, keepAlive: 1_000, writeTimeout: 5_000 },
    reason: "slow-consumer",
    from: 4_000,
    to: 15_000,
  },
  {
    name: "a proxy stops reading, comments each second, maxDuration 10 s",
    traffic: { bytes: 0, keepAlive: 1_000, writeTimeout: 2_000, maxDuration: 10_000 },
    reason: "timeout",
    from: 8_000,
    to: 11_000,
  },
  {
    name: "the client vanishes, events flow, tcp_retries2 = 3",
    retries: 3,
    traffic: { bytes: 100, keepAlive: false },
    reason: "client",
    from: 1_000,
    to: 10_000,
  },
  {
    name: "the client vanishes, events flow, tcp_retries2 = 5",
    retries: 5,
    traffic: { bytes: 100, keepAlive: false },
    reason: "client",
    from: 5_000,
    to: 30_000,
  },
  {
    name: "the client vanishes, events flow, tcp_retries2 = 8",
    retries: 8,
    traffic: { bytes: 100, keepAlive: false },
    reason: "client",
    from: 50_000,
    to: 150_000,
  },
  {
    name: "the client vanishes, comments each second, tcp_retries2 = 3",
    retries: 3,
    traffic: { bytes: 0, keepAlive: 1_000 },
    reason: "client",
    from: 1_000,
    to: 10_000,
  },
  {
    name: "the client vanishes, nothing is sent (keep-alive of TCP)",
    retries: 15,
    traffic: { bytes: 0, keepAlive: false },
    reason: "client",
    from: 30_000,
    to: 60_000,
  },
];

for (const { name, retries, traffic, reason, from, to } of CASES) {
  const skipped = retries === undefined ? undefined : noNetwork;
  const title = `half-open: ${name}${skipped === undefined ? "" : ` (skipped: ${skipped})`}`;
  it.skipIf(skipped !== undefined)(title, { timeout: 300_000 }, async ({ task }) => {
    const report: HalfOpenReport =
      retries === undefined
        ? await stalledProxy(traffic, to * 1.5)
        : await vanishedPeer(traffic, retries, to * 1.5);
    const { lost, doubled, leaked, foundAfter } = report;
    task.meta.fault = {
      fault: "half-open",
      load: name,
      lost,
      doubled,
      leaked: leaked.join(", "),
      peakMemory: report.peakMemory,
      figures: [`${name}: found after ${foundAfter} ms, as ${report.reason}`],
    };
    expect({ lost, doubled, leaked, reason: report.reason }).toEqual({
      lost: 0,
      doubled: 0,
      leaked: [],
      reason,
    });
    expect(foundAfter).toBeGreaterThan(from);
    expect(foundAfter).toBeLessThan(to);
  });
}
