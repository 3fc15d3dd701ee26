import { describe, expect, test } from "vitest";
import { ConnectionBudget } from "./budget.js";

describe("the budget of connections", () => {
  const make = (limit: number) => {
    const closed: string[] = [];
    const counts: number[] = [];
    const budget = new ConnectionBudget(limit, (open) => counts.push(open));
    const take = (kind: "events" | "wire", name: string) =>
      budget.take(kind, () => closed.push(name));
    return { budget, closed, counts, take };
  };

  test("nothing is closed within the limit", () => {
    const { budget, closed, counts, take } = make(2);
    take("events", "a");
    take("wire", "b");
    expect(closed).toEqual([]);
    expect(budget.open).toBe(2);
    expect(counts).toEqual([1, 2]);
  });

  test("beyond it, the oldest reader of the wire is closed before any event stream", () => {
    const { closed, take } = make(3);
    take("events", "events a");
    take("wire", "wire a");
    take("wire", "wire b");
    take("events", "events c");
    take("events", "events d");
    expect(closed).toEqual(["wire a", "wire b"]);
  });

  test("without readers of the wire, the oldest event stream is closed", () => {
    const { budget, closed, take } = make(2);
    take("events", "a");
    take("events", "b");
    take("events", "c");
    expect(closed).toEqual(["a"]);
    expect(budget.open).toBe(2);
  });

  test("what was released makes room, and may be released twice", () => {
    const { budget, closed, counts, take } = make(1);
    const lease = take("events", "a");
    lease.release();
    lease.release();
    take("events", "b");
    expect(closed).toEqual([]);
    expect(budget.open).toBe(1);
    expect(counts).toEqual([1, 0, 1]);
  });

  test("a holder that releases while it is closed is counted once", () => {
    const { budget, take } = make(1);
    const lease = budget.take("events", () => lease.release());
    take("events", "b");
    expect(budget.open).toBe(1);
  });
});
