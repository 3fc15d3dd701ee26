import type { Publication } from "@sluice/core";
import { ErrorReply } from "@redis/client";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { event } from "../test/subject.js";
import { RedisBrokerError } from "./errors.js";
import { Outbox } from "./outbox.js";

const offline = () => new RedisBrokerError("ERR_REDIS_OFFLINE", "offline");
const unanswered = () => new RedisBrokerError("ERR_REDIS_DEADLINE", "no answer");
const refused = (message: string) =>
  new RedisBrokerError("ERR_REDIS_REPLY", "refused", { cause: new ErrorReply(message) });

interface Call {
  readonly texts: readonly string[];
  readonly number: number;
  readonly deadline: number;
  /** Answers after the time that it took, which goes by first. */
  answer(result: readonly string[] | Error): Promise<void>;
}

/** An outbox, and a store whose answers the test gives. */
function make(timeout = 1_000) {
  const calls: Call[] = [];
  let numbers = 0;
  const store = (batch: readonly Publication[], number: number, deadline: number) =>
    new Promise<readonly string[]>((resolve, reject) => {
      calls.push({
        texts: batch.map(({ text }) => text),
        number,
        deadline,
        async answer(result) {
          if (result instanceof Error) reject(result);
          else resolve(result);
          await vi.advanceTimersByTimeAsync(0);
        },
      });
    });
  const outbox = new Outbox("c", timeout, store, () => ++numbers);
  const log: string[] = [];
  const push = (...texts: string[]) => {
    for (const text of texts) {
      outbox.push(event("c", text)).then(
        (id) => log.push(`${text}: ${id}`),
        (error: unknown) => log.push(`${text}: ${(error as { code: string }).code}`),
      );
    }
    return vi.advanceTimersByTimeAsync(0);
  };
  return { outbox, calls, log, push };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});
vi.mock("node:timers/promises", () => ({
  setTimeout: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
}));

describe("what is published to a channel", () => {
  it("H2: in one turn goes together, and what comes then goes after it", async () => {
    const { calls, log, push, outbox } = make();
    await push("a", "b");
    await push("c", "d");
    expect(calls.map(({ texts }) => texts)).toEqual([["a", "b"]]);
    await calls[0]!.answer(["1", "2"]);
    expect(calls.map(({ texts }) => texts)).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    await calls[1]!.answer(["3", "4"]);
    expect(log).toEqual(["a: 1", "b: 2", "c: 3", "d: 4"]);
    expect(outbox.isIdle).toBe(true);
  });

  it("H5: goes in batches of at most 100, or of about 256 KiB", async () => {
    const { calls, push } = make();
    await push(...Array.from({ length: 150 }, (_, n) => String(n)));
    await calls[0]!.answer(Array.from({ length: 100 }, () => "id"));
    expect(calls.map(({ texts }) => texts.length)).toEqual([100, 50]);
    const large = "x".repeat(100_000);
    await push(large, large, large, large);
    await calls[1]!.answer(Array.from({ length: 50 }, () => "id"));
    expect(calls[2]!.texts).toHaveLength(3);
  });

  it("H2: is tried again under its number, since it may have been stored", async () => {
    const { calls, log, push } = make();
    await push("a");
    await calls[0]!.answer(unanswered());
    await push("b");
    await vi.advanceTimersByTimeAsync(50);
    await calls[1]!.answer(offline());
    await vi.advanceTimersByTimeAsync(50);
    await calls[2]!.answer(["1"]);
    await calls[3]!.answer(["2"]);
    expect(calls.map(({ texts, number }) => [texts.join(""), number])).toEqual([
      ["a", 1],
      ["a", 1],
      ["a", 1],
      ["b", 2],
    ]);
    expect(log).toEqual(["a: 1", "b: 2"]);
  });

  it("H2: that certainly was not stored goes with what has come since", async () => {
    const { calls, log, push } = make();
    await push("a");
    await calls[0]!.answer(offline());
    await push("b");
    await vi.advanceTimersByTimeAsync(50);
    expect(calls[1]!.texts).toEqual(["a", "b"]);
    await calls[1]!.answer(["1", "2"]);
    expect(log).toEqual(["a: 1", "b: 2"]);
  });

  it("is refused by its own deadline, and not by that of another in its batch", async () => {
    const { calls, log, push } = make(1_000);
    await push("a");
    await calls[0]!.answer(offline());
    await vi.advanceTimersByTimeAsync(40);
    await push("b");
    await vi.advanceTimersByTimeAsync(10);
    expect(calls[1]!.deadline - performance.now()).toBeCloseTo(950);
    await vi.advanceTimersByTimeAsync(910);
    await calls[1]!.answer(offline());
    expect(log).toEqual(["a: ERR_NOT_STORED"]);
    await vi.advanceTimersByTimeAsync(50);
    expect(calls[2]!.texts).toEqual(["b"]);
    await calls[2]!.answer(["2"]);
    expect(log).toEqual(["a: ERR_NOT_STORED", "b: 2"]);
  });

  it("H2: that nobody knows of goes on being tried for the others of its batch", async () => {
    const { calls, log, push } = make(1_000);
    await push("a");
    await calls[0]!.answer(offline());
    await vi.advanceTimersByTimeAsync(40);
    await push("b");
    await vi.advanceTimersByTimeAsync(910);
    await calls[1]!.answer(unanswered());
    expect(log).toEqual(["a: ERR_OUTCOME_UNKNOWN"]);
    await vi.advanceTimersByTimeAsync(30);
    expect(calls).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(20);
    expect(calls[2]).toMatchObject({ texts: ["a", "b"], number: calls[1]!.number });
    await calls[2]!.answer(["1", "2"]);
    expect(log).toEqual(["a: ERR_OUTCOME_UNKNOWN", "b: 2"]);
  });

  it.each(["LOADING Redis is loading", "READONLY You can't", "OOM command", "MISCONF Redis is"])(
    "is tried again where the server will take it later: %s",
    async (message) => {
      const { calls, log, push } = make();
      await push("a");
      await calls[0]!.answer(refused(message));
      await vi.advanceTimersByTimeAsync(50);
      await calls[1]!.answer(["1"]);
      expect(log).toEqual(["a: 1"]);
    },
  );

  it.each([
    ["certainly", [], "ERR_NOT_STORED"],
    ["after something that nobody knows", [unanswered()], "ERR_OUTCOME_UNKNOWN"],
  ])("that the server refuses is refused at once, %s", async (_, before, code) => {
    const { calls, log, push } = make();
    await push("a");
    for (const failure of before) {
      await calls.at(-1)!.answer(failure);
      await vi.advanceTimersByTimeAsync(50);
    }
    await calls.at(-1)!.answer(refused("WRONGTYPE Operation"));
    expect(log).toEqual([`a: ${code}`]);
    await push("b");
    expect(calls.at(-1)!.texts).toEqual(["b"]);
  });

  it("C3: behind the end is told so", async () => {
    const { calls, log, push } = make();
    await push("end", "late");
    await calls[0]!.answer(["1"]);
    expect(log).toEqual(["end: 1", "late: ERR_CHANNEL_ENDED"]);
  });

  it("H6: is stored when the broker closes, unless something fails then", async () => {
    const { calls, log, push, outbox } = make();
    await push("a");
    await push("b");
    const closing = outbox.close();
    await calls[0]!.answer(["1"]);
    await push("c");
    await calls[1]!.answer(unanswered());
    await closing;
    expect(log).toEqual(["a: 1", "b: ERR_OUTCOME_UNKNOWN", "c: ERR_NOT_STORED"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

/** A store that loses calls and answers, and lets lost calls arrive late, as Redis behind bad connections does. */
class BadStore {
  readonly stored: string[] = [];
  readonly #ghosts: (() => void)[] = [];
  #last = { number: 0, ids: [] as string[] };

  take(batch: readonly Publication[], number: number): string[] | undefined {
    if (number < this.#last.number) return undefined;
    if (number > this.#last.number) {
      const first = this.stored.length;
      this.stored.push(...batch.map(({ text }) => text));
      this.#last = { number, ids: batch.map((_, n) => String(first + n)) };
    }
    return this.#last.ids;
  }

  later(call: () => void): void {
    this.#ghosts.push(call);
  }

  haunt(): void {
    this.#ghosts.shift()?.();
  }
}

it("H2: whatever is lost on the way, what is acknowledged is stored once and in order", async () => {
  const fate = fc.constantFrom("ok", "ok", "offline", "lost", "unanswered", "late", "refused");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fate, fc.nat(60), fc.boolean()), { minLength: 1, maxLength: 60 }),
      fc.array(fc.nat(40), { minLength: 1, maxLength: 40 }),
      async (fates, gaps) => {
        const bad = new BadStore();
        let at = 0;
        let numbers = 0;
        const outbox = new Outbox(
          "c",
          300,
          async (batch, number) => {
            const [what, ms, haunted] = fates[at++ % fates.length]!;
            await new Promise((resolve) => setTimeout(resolve, ms));
            if (haunted) bad.haunt();
            if (what === "offline") throw offline();
            if (what === "refused") throw refused("WRONGTYPE");
            if (what === "lost") throw unanswered();
            if (what === "late") bad.later(() => bad.take(batch, number));
            if (what === "late") throw unanswered();
            const ids = bad.take(batch, number);
            if (what === "unanswered" || ids === undefined) throw unanswered();
            return ids;
          },
          () => ++numbers,
        );
        const outcomes: Promise<string>[] = [];
        for (const [n, gap] of gaps.entries()) {
          outcomes.push(
            outbox.push(event("c", String(n))).catch((error: { code: string }) => error.code),
          );
          await vi.advanceTimersByTimeAsync(gap);
        }
        await vi.advanceTimersByTimeAsync(60_000);
        bad.haunt();
        const settled = await Promise.all(outcomes);
        expect(bad.stored).toEqual([...new Set(bad.stored)]);
        expect(bad.stored.map(Number)).toEqual(bad.stored.map(Number).toSorted((a, b) => a - b));
        for (const [n, outcome] of settled.entries()) {
          if (outcome === "ERR_NOT_STORED") expect(bad.stored).not.toContain(String(n));
          else if (outcome !== "ERR_OUTCOME_UNKNOWN")
            expect(bad.stored[Number(outcome)]).toBe(String(n));
        }
      },
    ),
    { numRuns: 300 },
  );
});
