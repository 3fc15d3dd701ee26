import { describe, expect, it } from "vitest";
import { RedisAccount } from "./redis-account.js";
import type { Told } from "./redis-follower.js";
import type { Outcome } from "./redis-node.js";

const event = (seq: number, id = seq, channel = "a"): Told => ({
  kind: "event",
  id: `AAAAA.${id.toString(36)}-0`,
  channel,
  publisher: "p",
  seq,
});
const reset = (...channels: string[]): Told => ({ kind: "reset", channels, reason: "lost" });

/** What is found wrong with a client of channel `a`, of which events 0 to 4 are stored but for some. */
function judge(log: readonly Told[], fates: Readonly<Record<number, Outcome["fate"]>> = {}) {
  const account = new RedisAccount();
  for (let seq = 0; seq < 5; seq++) {
    account.add({ channel: "a", publisher: "p", seq, fate: fates[seq] ?? "stored", took: 1 });
  }
  const { faults, ...verdict } = account.compare([{ channels: ["a"], log }]);
  expect(faults.length > 0).toBe(Object.values(verdict).some((count) => count > 0));
  return verdict;
}

const CLEAN = { lost: 0, doubled: 0, disordered: 0, foreign: 0 };

describe("H2: what a client was told is right", () => {
  it.each([
    ["everything once", [0, 1, 2, 3, 4].map((n) => event(n)), {}],
    ["without what was not stored", [0, 1, 3, 4].map((n) => event(n)), { 2: "refused" as const }],
    ["with what nobody knows of", [0, 1, 2, 3, 4].map((n) => event(n)), { 2: "unknown" as const }],
    ["without what nobody knows of", [0, 1, 3, 4].map((n) => event(n)), { 2: "unknown" as const }],
    ["with a gap that a reset covers", [event(0), reset("a"), event(3), event(4)], {}],
    ["with an end that a reset covers", [event(0), reset("a")], {}],
    [
      "again after a reset",
      [event(0), event(1), reset("a"), ...[1, 2, 3, 4].map((n) => event(n, n + 9))],
      {},
    ],
  ])("%s", (_, log, fates) => {
    expect(judge(log, fates)).toEqual(CLEAN);
  });
});

describe("H2: what a client was told is wrong", () => {
  it.each([
    ["without one in the middle", [0, 1, 3, 4].map((n) => event(n)), { lost: 1 }],
    ["without the first", [1, 2, 3, 4].map((n) => event(n)), { lost: 1 }],
    ["without the last", [0, 1, 2].map((n) => event(n)), { lost: 2 }],
    ["with one twice", [0, 1, 1, 2, 3, 4].map((n, at) => event(n, at)), { doubled: 1 }],
    ["out of order", [0, 2, 1, 3, 4].map((n, at) => event(n, at)), { lost: 1, disordered: 1 }],
    [
      "with ids that go back",
      [event(0), event(1), event(2), event(3, 9), event(4, 8)],
      { disordered: 1 },
    ],
    ["with another's", [...[0, 1, 2, 3, 4].map((n) => event(n)), event(0, 9, "b")], { foreign: 1 }],
    ["with a gap and another channel's reset", [event(0), reset("b"), event(4)], { lost: 3 }],
  ])("%s", (_, log, wrong) => {
    expect(judge(log)).toEqual({ ...CLEAN, ...wrong });
  });

  it("with what was not stored", () => {
    expect(
      judge(
        [0, 1, 2, 3, 4].map((n) => event(n)),
        { 2: "refused" },
      ).disordered,
    ).toBe(1);
  });
});
