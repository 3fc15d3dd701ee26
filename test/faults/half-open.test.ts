import { expect, it } from "vitest";
import { askedAfter, stalledProxy, vanishedPeer } from "./half-open.js";
import { noNetwork } from "./network.js";

if (noNetwork !== undefined) console.log(`No client can vanish here: ${noNetwork}`);

const CLEAN = { lost: 0, doubled: 0, leaked: [] };

it("a proxy that stops reading is found by `writeTimeout` when there is a lot to send", async () => {
  const traffic = { bytes: 65_536, keepAlive: 100, writeTimeout: 500 };
  const report = await stalledProxy(traffic, 10_000);
  expect(report).toMatchObject({ ...CLEAN, reason: "slow-consumer" });
}, 60_000);

it("a proxy that stops reading is found by nothing but `maxDuration` when there is little to send", async () => {
  const traffic = { bytes: 0, keepAlive: 50, writeTimeout: 200, maxDuration: 1_500 };
  const report = await stalledProxy(traffic, 10_000);
  expect(report).toMatchObject({ ...CLEAN, reason: "timeout" });
}, 60_000);

it.skipIf(noNetwork !== undefined)(
  "a client that vanishes is found by the server's system when something is sent",
  async () => {
    const report = await vanishedPeer({ bytes: 0, keepAlive: 200 }, 2, 15_000);
    expect(report).toMatchObject({ ...CLEAN, reason: "client" });
  },
  60_000,
);

// The long form waits until a client that vanished is found.
it.skipIf(process.platform !== "linux").each([
  [false, "after half a minute", 30_000],
  [60_000, "after half a minute", 30_000],
  [15_000, "not at all: comments are quicker", undefined],
] as const)(
  "with `keepAlive: %s` the server's system asks a silent client whether it is there %s",
  async (keepAlive, _, expected) => {
    const after = await askedAfter(keepAlive);
    if (expected === undefined) expect(after).toBeUndefined();
    else expect(Math.abs(after! - expected)).toBeLessThan(3_000);
  },
);
