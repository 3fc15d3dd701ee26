import { expect, it } from "vitest";
import type { Begun, Ended } from "./redis-runs-journal.js";
import { judgeRuns } from "./redis-runs-judge.js";
import type { RunEvidence } from "./redis-runs-evidence.js";
import type { Visit } from "./redis-runs-visit.js";

const TIMES = {
  duration: 60_000,
  lease: 6_000,
  keep: 45_000,
  orphan: 3_000,
  pace: 200,
  longest: 25_000,
};
const DONE = "0:done:on-error:3";
const NEVER = "1:done:never:3";
const CANCELLED = "3:cancelled:on-error:3";

function begun(start: string, at: number, { key = DONE, node = "other" } = {}): Begun {
  return { what: "begun", start, key, node, at };
}

function ended(start: string, at: number, end: Partial<Ended> = {}): Ended {
  return { what: "ended", start, how: "done", state: "running", tokens: 3, at, ...end };
}

function visit(start: string | undefined, visit: Partial<Visit> = {}): Visit {
  return {
    client: 7,
    key: DONE,
    node: 1,
    method: "POST",
    resumes: false,
    from: 1_000,
    answered: 1_010,
    to: 5_000,
    status: 200,
    start,
    tokens: 3,
    by: "told",
    outcome: "done",
    ...visit,
  };
}

function judge(evidence: Partial<RunEvidence>) {
  const nothing = { journal: [], visits: [], cancellings: [], killed: new Map(), killedNode: 0 };
  return judgeRuns({ ...nothing, times: TIMES, ...evidence });
}

const WHOLE = [begun("a", 1_000), ended("a", 5_000)];

it("finds nothing where a run was made once and everybody had all of it", () => {
  const visits = [visit("a"), visit("a", { by: "client", outcome: undefined, tokens: 1 })];
  expect(judge({ journal: WHOLE, visits })).toMatchObject({ faults: [], lost: 0, starts: 1 });
});

it("finds a run that was begun while it went on, after it was done, or although it is never to be", () => {
  const twice = (journal: RunEvidence["journal"]) => judge({ journal }).faults;
  expect(twice([...WHOLE, begun("b", 4_000), ended("b", 9_000)])).toEqual([
    expect.stringContaining("began while a went on"),
  ]);
  expect(twice([...WHOLE, begun("b", 6_000), ended("b", 9_000)])).toEqual([
    expect.stringContaining("came after one done"),
  ]);
  const threw = { how: "threw", tokens: 2 } as const;
  const never = { key: NEVER };
  expect(
    twice([
      begun("a", 1_000, never),
      ended("a", 5_000, threw),
      begun("b", 6_000, never),
      ended("b", 9_000),
    ]),
  ).toEqual([expect.stringContaining("began a second time")]);
  const anew = [begun("a", 1_000), ended("a", 5_000, threw), begun("b", 6_000), ended("b", 9_000)];
  expect(judge({ journal: anew })).toMatchObject({ faults: [], restarts: ["failed"] });
  const often = ["a", "b", "c", "d"].flatMap((start, n) => [
    begun(start, n * 2_000),
    ended(start, n * 2_000 + 1_000, threw),
  ]);
  expect(twice(often)).toEqual([expect.stringContaining("began too often")]);
});

it("finds a run that was begun before the lease of a killed process ran out", () => {
  const killed = new Map([["doomed", 5_000]]);
  const after = (at: number) =>
    judge({
      killed,
      journal: [begun("a", 1_000, { node: "doomed" }), begun("b", at), ended("b", 20_000)],
    });
  expect(after(6_000).faults).toEqual([expect.stringContaining("before the lease ran out")]);
  expect(after(10_000)).toMatchObject({ faults: [], restarts: ["lost"] });
});

it("finds a generator without an end, and one that made fewer tokens than it should", () => {
  expect(judge({ journal: [begun("a", 1_000)] }).faults).toEqual([
    expect.stringContaining("never came to its finally"),
  ]);
  expect(judge({ journal: [begun("a", 1_000), ended("a", 5_000, { tokens: 2 })] }).faults).toEqual([
    expect.stringContaining("was done after 2"),
  ]);
});

it("finds who was told another end, or fewer tokens, than others", () => {
  const visits = [visit("a"), visit("a", { tokens: 2 }), visit("a", { outcome: "failed" })];
  const { faults, lost } = judge({ journal: WHOLE, visits });
  expect(lost).toBe(1);
  expect(faults).toEqual([
    expect.stringContaining("was told as done and as failed"),
    expect.stringContaining("ended after 3 and after 2 tokens"),
    expect.stringContaining("was done, and told as failed"),
    expect.stringContaining("made 3 tokens, of which 2 were told"),
    expect.stringContaining("was told that it is done, after 2 tokens"),
  ]);
});

it("finds who was cut off and not told, or told of no run where there was one", () => {
  const cut = { by: "server", outcome: undefined } as const;
  const journal = [begun("a", 1_000, { key: NEVER }), ended("a", 5_000)];
  const visits = [
    visit("a", { ...cut, key: NEVER, tokens: 1 }),
    visit(undefined, { ...cut, key: NEVER, status: 404, method: "GET", tokens: 0, from: 2_000 }),
    visit(undefined, {
      ...cut,
      key: NEVER,
      status: 404,
      method: "GET",
      tokens: 0,
      from: 500,
      to: 600,
    }),
    visit("a", { ...cut, key: NEVER, status: 503 }),
  ];
  expect(judge({ journal, visits }).faults).toEqual([
    expect.stringContaining("was cut off after 1 tokens"),
    expect.stringContaining("was told of no run"),
    expect.stringContaining("got 503"),
    expect.stringContaining("was cut off after 3 tokens"),
  ]);
});

it("finds a cancelled run that is not, and one that was started again", () => {
  const key = CANCELLED;
  const cancellings = [{ key, from: 2_000, to: 2_050, result: true }];
  const first = [
    begun("a", 1_000, { key }),
    ended("a", 2_040, { how: "stopped", state: "lost", tokens: 1 }),
  ];
  const told = visit("a", { key, tokens: 1, outcome: "cancelled" });
  expect(judge({ journal: first, cancellings, visits: [told] }).faults).toEqual([]);
  expect(
    judge({ journal: first, cancellings, visits: [{ ...told, outcome: "failed" }] }).faults,
  ).toEqual([expect.stringContaining("was cancelled, and told as failed")]);
  const again = [...first, begun("b", 3_000, { key }), ended("b", 4_000)];
  expect(judge({ journal: again, cancellings }).faults).toEqual([
    expect.stringContaining("came after one cancelled"),
  ]);
  const done = [begun("a", 1_000, { key }), ended("a", 2_040)];
  expect(judge({ journal: done, cancellings }).faults).toEqual([
    expect.stringContaining("was cancelled, and is not"),
  ]);
});

it("finds a run that was given up while somebody listened", () => {
  const end = ended("a", 9_000, { how: "stopped", state: "orphaned", tokens: 1 });
  const journal = [begun("a", 1_000), end];
  const listening = visit("a", { tokens: 1, outcome: "failed", to: 9_200 });
  expect(judge({ journal, visits: [listening] }).faults).toEqual([
    expect.stringContaining("was given up, and client 7 listened"),
  ]);
  const left = visit("a", { tokens: 1, by: "client", outcome: undefined, to: 5_500 });
  expect(judge({ journal, visits: [left] }).faults).toEqual([]);
});

it("measures how long it takes until the death of a process is told elsewhere", () => {
  const killed = new Map([["doomed", 5_000]]);
  const journal = [begun("a", 1_000, { node: "doomed", key: NEVER })];
  const visits = [visit("a", { key: NEVER, outcome: "failed", tokens: 1, to: 11_000 })];
  expect(judge({ journal, killed, visits })).toMatchObject({ faults: [], slowestNews: 6_000 });
});
