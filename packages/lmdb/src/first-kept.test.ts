import { expect, test, vi } from "vitest";
import {
  numbers,
  open,
  PLENTY,
  publish,
  publishAll,
  Recorder,
  start,
  textsAfter,
} from "../test/history.js";

test("H4: a history has no more events than its count", async () => {
  const broker = open();
  const ids = await publishAll(broker, numbers(500), { ...PLENTY, count: 100 });
  const last = await publish(broker, "last", { ...PLENTY, count: 3 });
  expect(textsAfter(broker, start(broker, last))).toEqual(["event 498", "event 499", "last"]);
  expect(broker.read("a", ids[496]!, undefined, 1_000)).toEqual({ refused: "trimmed" });
  const none = await publish(broker, "none", { ...PLENTY, count: 0 });
  expect(start(broker, none)).toBe(none);
});

test("H4: a history has no more bytes of UTF-8 than it may", async () => {
  const broker = open();
  const texts = numbers(50).map((text) => `ü${text}`.padEnd(19, "."));
  for (const text of texts) await publish(broker, text, { ...PLENTY, bytes: 100 });
  const last = broker.follow("a", new Recorder()).position;
  expect(textsAfter(broker, start(broker, last))).toEqual(texts.slice(-5));
  const large = await publish(broker, "x".repeat(101), { ...PLENTY, bytes: 100 });
  expect(start(broker, large)).toBe(large);
});

test("H4: a history has no event that is older than its age, though nobody publishes", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const broker = open();
    const ids: string[] = [];
    for (const text of numbers(10)) {
      ids.push(await publish(broker, text, { ...PLENTY, age: 1_000 }));
      vi.setSystemTime(Date.now() + 100);
    }
    vi.setSystemTime(Date.now() + 350);
    expect(textsAfter(broker, start(broker, ids[9]!))).toEqual(numbers(10).slice(4));
    expect(broker.read("a", ids[2]!, undefined, 1_000)).toEqual({ refused: "trimmed" });
    vi.setSystemTime(Date.now() + 1_000);
    expect(start(broker, ids[9]!)).toBe(ids[9]);
    expect(textsAfter(broker, ids[9]!)).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test("a clock that is set back breaks neither the order nor the bounds", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const broker = open();
    const history = { ...PLENTY, age: 1_000, count: 6 };
    await publishAll(broker, ["one", "two", "three"], history);
    vi.setSystemTime(Date.now() - 3_600_000);
    const ids = await publishAll(broker, ["four", "five", "six", "seven"], history);
    expect(textsAfter(broker, start(broker, ids[0]!))).toEqual([
      "two",
      "three",
      "four",
      "five",
      "six",
      "seven",
    ]);
    vi.setSystemTime(Date.now() + 3_602_000);
    expect(start(broker, ids[3]!)).toBe(ids[3]);
  } finally {
    vi.useRealTimers();
  }
});
