import { type PageOfEntries, parseCountedId, SluiceError } from "@sluice/core";
import { describe, expect, test } from "vitest";
import {
  end,
  numbers,
  open,
  PLENTY,
  publish,
  publishAll,
  Recorder,
  start,
  textsAfter,
} from "../test/history.js";

describe.each([false, true])("with sync: %s", (sync) => {
  test("what is published is read in its order, and counted on", async () => {
    const broker = open({ sync });
    const ids = await publishAll(broker, ["one", "two", "three"]);
    const [first] = ids as [string, string, string];
    const { nonce } = parseCountedId(first)!;
    expect(ids).toEqual([1, 2, 3].map((count) => `1.${nonce}.${count}`));
    expect(broker.read("a", first, undefined, 1_000)).toEqual({
      entries: [
        { id: ids[1], kind: "text", text: "two" },
        { id: ids[2], kind: "text", text: "three" },
      ],
    });
    expect(textsAfter(broker, `1.${nonce}.0`)).toEqual(["one", "two", "three"]);
  });

  test("a restart keeps the history, its ids and its bounds, and counts on", async () => {
    const before = open({ sync });
    const ids = await publishAll(before, numbers(20), { ...PLENTY, count: 10 });
    await before.close();

    const after = open({ sync });
    const { nonce } = parseCountedId(ids[0]!)!;
    expect(textsAfter(after, ids[9]!)).toEqual(numbers(20).slice(10));
    expect(after.read("a", ids[8]!, undefined, 1_000)).toEqual({ refused: "trimmed" });
    expect(await publish(after, "event 20", { ...PLENTY, count: 10 })).toBe(`1.${nonce}.21`);
    expect(textsAfter(after, ids[19]!)).toEqual(["event 20"]);
    expect(after.read("a", ids[9]!, undefined, 1_000)).toEqual({ refused: "trimmed" });
  });

  test("an end survives a restart, whatever its other bounds, and nothing follows it", async () => {
    const before = open({ sync });
    const first = await publish(before, "one");
    const last = await end(before, { ...PLENTY, count: 0, bytes: 0 });
    await before.close();

    const after = open({ sync });
    expect(after.follow("a", new Recorder())).toMatchObject({ position: last, ended: "done" });
    expect(after.read("a", first, undefined, 1_000)).toEqual({
      entries: [{ id: last, kind: "end", text: "" }],
    });
    await expect(publish(after, "two")).rejects.toMatchObject({ code: "ERR_CHANNEL_ENDED" });
  });

  test("those who follow are told after the commit, in order, with what came before each", async () => {
    const broker = open({ sync });
    const recorder = new Recorder();
    const { position, stop } = broker.follow("a", recorder);
    const publishing = publishAll(broker, ["one", "two"]);
    expect(recorder.told).toEqual([]);
    const [one, two] = (await publishing) as [string, string];
    expect(recorder.told).toEqual([
      { previous: position, entry: { id: one, kind: "text", text: "one" } },
      { previous: one, entry: { id: two, kind: "text", text: "two" } },
    ]);
    stop();
    stop();
    await publish(broker, "three");
    expect(recorder.texts).toEqual(["one", "two"]);
  });

  test("close waits for what was published, and refuses what comes after it", async () => {
    const before = open({ sync });
    const publishing = publishAll(before, numbers(2_500));
    const closing = before.close();
    await expect(publish(before, "late")).rejects.toMatchObject({ code: "ERR_BROKER_CLOSED" });
    expect(() => before.follow("a", new Recorder())).toThrow(SluiceError);
    const ids = await publishing;
    await closing;
    await before.close();
    expect(before.read("a", ids[0]!, undefined, 1_000)).toEqual({ refused: "unknown" });
    expect(before.read("a", "x", undefined, 1_000)).toEqual({ refused: "malformed" });
    expect(before.rewind("a", 1, ids[0]!)).toBe(ids[0]);

    const after = open({ sync });
    expect(textsAfter(after, start(after, ids.at(-1)!))).toEqual(numbers(2_500));
  });
});

describe("following", () => {
  test("one who stops, or begins, while others are told hears nothing of that commit", async () => {
    const broker = open();
    const late = new Recorder();
    const leaving = new Recorder();
    let position: string | undefined;
    broker.follow("a", {
      deliver: () => {
        left.stop();
        position ??= broker.follow("a", late).position;
      },
      reached: () => {},
    });
    const left = broker.follow("a", leaving);
    const ids = await publishAll(broker, ["one", "two"]);
    expect(leaving.texts).toEqual([]);
    expect(late.texts).toEqual([]);
    expect(position).toBe(ids[1]);
    await publish(broker, "three");
    expect(late.texts).toEqual(["three"]);
  });

  test("a position that was given out before anything was published can be read from", async () => {
    const broker = open();
    const { position } = broker.follow("a", new Recorder());
    expect(broker.read("a", position, undefined, 1_000)).toEqual({ entries: [] });
    await publish(broker, "one");
    expect(textsAfter(broker, position)).toEqual(["one"]);
  });

  test("a channel that nobody follows or publishes to is not in memory", async () => {
    const broker = open();
    const { stop } = broker.follow("a", new Recorder());
    await publish(broker, "one", PLENTY, "b");
    expect(broker.channels).toBe(1);
    stop();
    expect(broker.channels).toBe(0);
  });
});

describe("reading", () => {
  test("strange cursors are refused for what they are", async () => {
    const broker = open();
    const id = await publish(broker, "one");
    const other = await publish(broker, "one", PLENTY, "b");
    const { nonce } = parseCountedId(id)!;
    const refused = (after: string): unknown => broker.read("a", after, undefined, 1_000).refused;
    expect(["", "x", `1.${nonce}.01`, `1.${nonce}.-1`].map(refused)).toEqual(
      Array.from({ length: 4 }, () => "malformed"),
    );
    expect(refused(other)).toBe("unknown");
    expect(refused(`1.${nonce}.2`)).toBe("unknown");
    expect(broker.read("c", id, undefined, 1_000)).toEqual({ refused: "unknown" });
    expect(broker.read("a", id, `1.${nonce}.0`, 1_000)).toEqual({ refused: "ahead" });
  });

  test("a page ends at its cursor, or after about so many bytes with at least one entry", async () => {
    const broker = open();
    const ids = await publishAll(broker, ["1234", "1234", "1234", "1234"]);
    const counts = (through: string | undefined, bytes: number): number =>
      (broker.read("a", start(broker, ids[0]!), through, bytes) as PageOfEntries).entries.length;
    expect([counts(undefined, 1), counts(undefined, 8), counts(undefined, 9)]).toEqual([1, 2, 3]);
    expect(counts(ids[2], 1_000)).toBe(3);
  });

  test("any text comes back as it was, whatever its size", async () => {
    const broker = open();
    const texts = ["", "ü €😀 \n\0", "x".repeat(5_000), "ä".repeat(70_000), "y".repeat(3_000_000)];
    const ids = await publishAll(broker, texts);
    expect(textsAfter(broker, start(broker, ids[0]!))).toEqual(texts);
  });
});

test("10,000 channels keep their own histories over a restart, and none of them stays in memory", async () => {
  const before = open();
  const channels = Array.from({ length: 10_000 }, (_, n) => `channel ${n}`);
  const ids = await Promise.all(
    channels.map(async (channel) => {
      await publish(before, `first of ${channel}`, PLENTY, channel);
      return publish(before, `second of ${channel}`, PLENTY, channel);
    }),
  );
  expect(before.channels).toBe(0);
  await before.close();
  const after = open();
  expect(
    channels.map((channel, n) => textsAfter(after, start(after, ids[n]!, channel), channel)),
  ).toEqual(channels.map((channel) => [`first of ${channel}`, `second of ${channel}`]));
});
