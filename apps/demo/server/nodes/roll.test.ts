import { describe, expect, test } from "vitest";
import { BEAT, LEASE, type Report, Roll, SETTLED } from "./roll.js";

function report(started: number, isLast = false): Report {
  return { name: `node ${started}`, started, leads: false, isLast, posts: {} };
}

/** Has a node's own reports be stored in a span of time. */
function store(roll: Roll, from: number, to: number): void {
  for (let now = from; now <= to; now += BEAT) roll.stored(now);
}

describe("the roll of the nodes", () => {
  test("the oldest leads, once it has had the time to hear of the others", () => {
    const roll = new Roll("me");
    expect(roll.leads(5, 0)).toBe(false);
    store(roll, 0, SETTLED);
    expect([roll.leads(5, SETTLED - 1), roll.leads(5, SETTLED)]).toEqual([false, true]);
    roll.hear("younger", report(6), SETTLED);
    expect(roll.leads(5, SETTLED)).toBe(true);
    roll.hear("older", report(4), SETTLED);
    expect(roll.leads(5, SETTLED)).toBe(false);
  });

  test("of two that started at once, one leads", () => {
    const leads = ["a", "b"].map((id) => {
      const roll = new Roll(id);
      store(roll, 0, SETTLED);
      roll.hear(id === "a" ? "b" : "a", report(5), 0);
      return roll.leads(5, SETTLED);
    });
    expect(leads).toEqual([true, false]);
  });

  test("who is silent for too long is gone, and who ends is gone at once", () => {
    const roll = new Roll("me");
    store(roll, 0, 2 * LEASE);
    roll.hear("silent", report(1), LEASE);
    roll.hear("ending", report(2), LEASE);
    roll.hear("ending", report(2, true), LEASE + 1);
    expect(roll.expire(LEASE + 1)).toEqual(["ending"]);
    expect(roll.expire(2 * LEASE)).toEqual([]);
    expect(roll.expire(2 * LEASE + 1)).toEqual(["silent"]);
    expect(roll.others).toEqual([]);
  });

  test("a node that could not tell of itself counts nobody out, and leads nobody, until it has heard the others again", () => {
    const roll = new Roll("me");
    store(roll, 0, LEASE);
    roll.hear("other", report(6), LEASE);
    const away = 3 * LEASE;
    expect([roll.expire(away), roll.leads(5, away)]).toEqual([[], false]);
    store(roll, away, away + LEASE);
    expect(roll.expire(away + LEASE - 1)).toEqual([]);
    expect(roll.leads(5, away + SETTLED)).toBe(true);
    roll.hear("other", report(6), away + 1);
    expect(roll.expire(away + LEASE)).toEqual([]);
  });
});
