import { describe, expect, test } from "vitest";
import { type Answer, NO_ANSWER, shown, step } from "./answer.js";

const FIRST = { opened: 1000, reset: undefined };

function start(
  answer: Answer,
  leg: { opened: number | undefined; reset: "unknown" | undefined } = FIRST,
) {
  return step(
    answer,
    { event: "start", id: "1", data: { prompt: "Why?", seed: 1, about: 9, at: 1000 } },
    leg,
  );
}

function tokens(
  answer: Answer,
  texts: readonly string[],
  at: number,
  leg: typeof FIRST | { opened: number; reset: "unknown" } = FIRST,
) {
  return texts.reduce(
    (now, text) => step(now, { event: "token", id: "2", data: { text, at } }, leg),
    answer,
  );
}

describe("an answer on the page", () => {
  test("is the text of its tokens, and knows after about how many it ends", () => {
    const answer = tokens(start(NO_ANSWER), ["A", " gate", "."], 1001);
    expect(shown(answer)).toEqual({ text: "A gate.", tokens: 3 });
    expect(answer.about).toBe(9);
  });

  test("stays on the screen while all of it comes again, and goes on behind it", () => {
    const before = tokens(start(NO_ANSWER), ["A", " gate", " opens"], 1001);
    const leg = { opened: 2000, reset: "unknown" } as const;
    let answer = start(before, leg);
    expect(shown(answer)).toEqual({ text: "A gate opens", tokens: 3 });
    answer = tokens(answer, ["A", " gate"], 1001, leg);
    expect(shown(answer)).toEqual({ text: "A gate opens", tokens: 3 });
    answer = tokens(answer, [" opens", "."], 2001, leg);
    expect(shown(answer)).toEqual({ text: "A gate opens.", tokens: 4 });
  });

  test("gives way at once to another beginning", () => {
    const before = tokens(start(NO_ANSWER), ["A", " gate", " opens"], 1001);
    const answer = tokens(start(before), ["One"], 2001);
    expect(shown(answer)).toEqual({ text: "One", tokens: 1 });
  });

  test("survives several new beginnings, each in the middle of the one before", () => {
    const whole = ["A", " gate", " opens"];
    let answer = tokens(start(NO_ANSWER), whole, 1001);
    answer = tokens(start(answer), whole.slice(0, 1), 1001);
    answer = start(answer);
    expect(shown(answer)).toEqual({ text: "A gate opens", tokens: 3 });
  });

  test("counts for each connection the tokens that it has brought live and those that were published before it", () => {
    const first = tokens(start(NO_ANSWER), ["A", " gate"], 1001);
    const second = tokens(first, [" opens"], 1500, { opened: 2000, reset: undefined });
    const third = tokens(second, [" wide"], 2500, { opened: 2000, reset: undefined });
    const leg = { opened: 3000, reset: "unknown" } as const;
    expect(tokens(start(third, leg), ["A"], 1001, leg).legs).toEqual([
      { opened: 1000, reset: undefined, replayed: 0, live: 2 },
      { opened: 2000, reset: undefined, replayed: 1, live: 1 },
      { opened: 3000, reset: "unknown", replayed: 1, live: 0 },
    ]);
  });
});
