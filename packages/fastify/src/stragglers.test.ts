import { Writable } from "node:stream";
import Fastify from "fastify";
import { afterEach, expect, it, vi } from "vitest";
import { watchStuck } from "../test/watch.js";
import { Stragglers } from "./stragglers.js";

afterEach(() => void vi.useRealTimers());

function prepare(stuckAfter: number) {
  vi.useFakeTimers();
  const lines: { readonly msg: string; readonly route: string }[] = [];
  const stream = new Writable({
    write(line: Buffer, _, done) {
      lines.push(JSON.parse(line.toString()));
      done();
    },
  });
  const app = Fastify({ logger: { stream } });
  return { stragglers: new Stragglers(app.log, stuckAfter), lines, stuck: watchStuck() };
}

it("C1: a source that does not stop is named once, in the log and by the diagnostic", async () => {
  const { stragglers, lines, stuck } = prepare(1_000);
  stragglers.watch("A.deaf", new Promise(() => {}));
  vi.advanceTimersByTime(900);
  expect(stuck).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(stuck).toEqual([{ route: "A.deaf", elapsed: expect.any(Number) }]);
  expect(stuck[0]!.elapsed).toBeGreaterThanOrEqual(1_000);
  expect(stuck[0]!.elapsed).toBeLessThanOrEqual(1_500);
  expect(lines).toEqual([
    expect.objectContaining({
      route: "A.deaf",
      msg: "A.deaf still runs after its connection closed: pass the signal to what it waits for",
    }),
  ]);
});

it("C1: the timer goes when all sources have stopped or been named", async () => {
  const { stragglers } = prepare(1_000);
  let stop!: (ended: boolean) => void;
  stragglers.watch("A.slow", new Promise((resolve) => (stop = resolve)));
  stragglers.watch("A.deaf", new Promise(() => {}));
  expect(vi.getTimerCount()).toBe(1);
  stop(true);
  await Promise.resolve();
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(2_000);
  expect(vi.getTimerCount()).toBe(0);
});

it("C1: a source that stops in time is not named, and one that refuses is, at once", async () => {
  const { stragglers, stuck } = prepare(1_000);
  stragglers.watch("A.quick", Promise.resolve(true));
  stragglers.watch("A.refuses", Promise.resolve(false));
  await Promise.resolve();
  expect(stuck).toEqual([{ route: "A.refuses", elapsed: 0 }]);
  expect(vi.getTimerCount()).toBe(0);
});
