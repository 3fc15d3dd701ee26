import { expect, test } from "vitest";
import { Statistics } from "./statistics.js";
import { StatusLine } from "./status-line.js";
import { summarize } from "./summary.js";

/** A connection of 12 s: an event of 100 bytes every half a second, a second one after 6 s. */
function example() {
  let now = 1_000;
  const statistics = new Statistics(() => now);
  statistics.requested();
  now += 20;
  statistics.opened();
  for (let n = 0; n < 24; n++) {
    if (n === 12) statistics.opened();
    statistics.received(100);
    statistics.event(n === 0 ? undefined : 40);
    now += 500;
  }
  return { statistics, at: (time: number) => (now = time) };
}

test("the first byte and event count from the request, gaps from event to event", () => {
  const { statistics } = example();
  expect(statistics).toMatchObject({ firstByte: 20, firstEvent: 20, reconnects: 1, events: 24 });
  expect(statistics.gaps.count).toBe(23);
  expect(statistics.gaps.quantile(0.5)).toBe(500);
  expect(statistics.age).toBe(500);
});

test("rates are those of the last five seconds", () => {
  const { statistics, at } = example();
  expect(statistics.eventRate).toBeCloseTo(2, 0);
  expect(statistics.byteRate).toBeCloseTo(200, -2);
  at(18_500);
  expect(statistics.eventRate).toBe(0);
  at(1_000_000);
  expect(statistics.byteRate).toBe(0);
});

test("a rate is not inflated by a short time", () => {
  let now = 0;
  const statistics = new Statistics(() => now);
  statistics.event(undefined);
  now = 10;
  expect(statistics.eventRate).toBe(1);
});

test("the summary has all of it", () => {
  const { statistics } = example();
  statistics.resets = 2;
  expect(summarize(statistics)).toEqual([
    "24 events, 2.4 kB, 12 s, 2/s, 200 B/s",
    "first byte 20 ms, first event 20 ms",
    "gaps p50 500 ms, p95 500 ms, max 500 ms",
    "latency p50 40 ms, p95 40 ms, max 40 ms",
    "1 reconnect",
    "2 resets",
  ]);
});

test("the status line has as much as there is room for, the most telling first", () => {
  const { statistics } = example();
  const standing = { state: "open", wait: undefined } as const;
  const whole = new StatusLine().write(statistics, standing, 300);
  expect(whole).toMatch(
    /^open {2}12 s {2}24 events {2}\S+\/s {2}\d+ B\/s {2}last 500 ms ago {2}latency p50 40 ms p95 40 ms {2}1 reconnect {2}gaps .* {2}first byte 20 ms {2}event 20 ms$/,
  );
  for (let columns = 0; columns < 160; columns++) {
    const line = new StatusLine().write(statistics, standing, columns);
    expect(line.length).toBeLessThanOrEqual(columns);
    expect(whole.startsWith(line)).toBe(true);
  }
});

test("the parts of the status line stay where they are", () => {
  const { statistics, at } = example();
  const line = new StatusLine();
  at(10_001_300);
  const before = line.write(statistics, { state: "waiting", wait: 12_300 }, 200);
  at(10_500_000);
  const after = line.write(statistics, { state: "open", wait: undefined }, 200);
  expect(before).toMatch(/^again in 12\.3 s {2}2 h 47 m {2}24 events/);
  expect(after).toMatch(/^open {13}2 h 55 m {2}24 events/);
});
