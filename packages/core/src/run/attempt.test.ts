import { expect, it } from "vitest";
import { attemptOf, mayFollow, nextAttempt, noteOf, sealOf } from "./attempt.js";
import type { RunRecord, RunState } from "./run-store.js";

const BOUNDS = { keep: 1_000, maxAttempts: 3 };

function record(before: RunRecord | undefined, state: RunState): RunRecord {
  const attempt = nextAttempt(before, BOUNDS);
  const ended = { started: 0, finished: 0, events: 0, held: false };
  const [name, note] = [attempt.name, noteOf(attempt)];
  return { attempt: name, channel: `c/${name}`, principal: "", note, state, ...ended };
}

it("counts the attempts of a key, but for those that were refused", () => {
  const first = record(undefined, "failed");
  const refused = record(record(first, "refused"), "refused");
  const second = record(refused, "lost");
  const third = record(second, "failed");
  expect([first, refused, second, third].map((each) => attemptOf(each).number)).toEqual([
    1, 2, 2, 3,
  ]);
  const may = (each: RunRecord): boolean => mayFollow(attemptOf(each), each.state);
  expect([first, refused, second, third].map(may)).toEqual([true, true, true, false]);
});

it("goes on from the newest attempt that was not refused", () => {
  const first = record(undefined, "failed");
  const refused = record(record(first, "refused"), "refused");
  expect(attemptOf(first).from).toBeUndefined();
  expect(attemptOf(refused).from).toBe(first.channel);
  expect(nextAttempt(refused, BOUNDS).from).toBe(first.channel);
  expect(nextAttempt(record(refused, "failed"), BOUNDS).from).not.toBe(first.channel);
});

it("lets nobody follow a seal, or what may begin once", () => {
  const seal = sealOf(record(undefined, "failed"));
  expect(seal).toMatchObject({ isSeal: true, keep: 1_000 });
  expect(mayFollow(seal, "failed")).toBe(false);
  const once = nextAttempt(undefined, { keep: 0, maxAttempts: 1 });
  expect([mayFollow(once, "failed"), mayFollow(once, "refused")]).toEqual([false, false]);
});

it("knows the least of an attempt of which nothing is noted", () => {
  const bare = { ...record(undefined, "failed"), note: "" };
  expect(attemptOf(bare)).toMatchObject({ number: 1, most: 1, from: undefined, isSeal: false });
});
