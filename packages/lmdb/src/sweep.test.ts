import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HistoryBounds, PageOfEntries } from "@sluice/core";
import { open as openDatabase } from "lmdb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LmdbBroker } from "./index.js";

const HISTORY: HistoryBounds = { count: 100_000, age: 60_000, bytes: 1_000_000_000 };

let path: string;
let broker: LmdbBroker;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "sluice-lmdb-"));
});

afterEach(async () => {
  vi.useRealTimers();
  await broker.close();
  rmSync(path, { recursive: true, force: true });
});

const publish = (channel: string, text = "x", history = HISTORY): Promise<string> =>
  broker.publish({ channel, kind: "text", text, history });

/** Lets so much time pass, and everything be done that is due. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  // A commit that was begun by a timer is over when this is.
  await publish("clock", "tick", { ...HISTORY, count: 1 });
}

/** How many keys there are of each kind: of the whole, of channels, of entries. */
async function countKeys(): Promise<number[]> {
  await broker.close();
  const db = openDatabase<Buffer, Buffer>({
    path: join(path, "history.mdb"),
    keyEncoding: "binary",
    encoding: "binary",
    overlappingSync: false,
  });
  const kinds = [...db.getKeys({})].map((key) => key[0]);
  await db.close();
  return [1, 2, 3].map((kind) => kinds.filter((each) => each === kind).length);
}

describe("the sweep", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  });

  test("H4: histories that nobody publishes to are removed when they are old, and their channels after a while", async () => {
    broker = new LmdbBroker({ path, forgetAfter: "10m" });
    const channels = Array.from({ length: 600 }, (_, n) => `channel ${n}`);
    const ids = await Promise.all(channels.flatMap((name) => [publish(name), publish(name)]));
    const refused = (): unknown => broker.read("channel 0", ids[1]!, undefined, 1_000).refused;

    await pass(61_000);
    await pass(11_000);
    await pass(1_000);
    expect(refused()).toBeUndefined();
    await broker.close();
    expect(await countKeys()).toEqual([2, 601, 1]);

    broker = new LmdbBroker({ path, forgetAfter: "10m" });
    await pass(900_000);
    for (let step = 0; step < 5; step++) await pass(11_000);
    expect(refused()).toBe("unknown");
    expect(broker.channels).toBe(0);
    expect(await countKeys()).toEqual([2, 1, 1]);
  });

  test("H4: a history far beyond its bounds is not read, and removed bit by bit", async () => {
    broker = new LmdbBroker({ path });
    await Promise.all(Array.from({ length: 10_000 }, () => publish("a")));
    const last = await publish("a", "last", { ...HISTORY, count: 2 });
    const start = broker.rewind("a", Number.POSITIVE_INFINITY, last);
    expect((broker.read("a", start, undefined, 1_000) as PageOfEntries).entries).toHaveLength(2);
    // Three steps, the first 100 ms after the start, of at most 4,096 removals.
    for (let step = 0; step < 4; step++) await pass(11_000);
    expect(await countKeys()).toEqual([2, 2, 3]);
  });

  test("a channel that is followed is not forgotten", async () => {
    broker = new LmdbBroker({ path, forgetAfter: 0 });
    const id = await publish("followed");
    await publish("left");
    const { stop } = broker.follow("followed", { deliver() {}, reached() {} });
    await pass(61_000);
    for (let step = 0; step < 3; step++) await pass(11_000);
    expect(broker.read("followed", id, undefined, 1_000)).toEqual({ entries: [] });
    expect(broker.follow("followed", { deliver() {}, reached() {} }).position).toBe(id);
    expect(broker.read("left", id, undefined, 1_000)).toEqual({ refused: "unknown" });
    stop();
  });

  test("a channel in which nothing happens is remembered after its followers have left, or the process has ended", async () => {
    broker = new LmdbBroker({ path, forgetAfter: "10m" });
    const { position, stop } = broker.follow("quiet", { deliver() {}, reached() {} });
    const resume = (): unknown => broker.read("quiet", position, undefined, 1_000);
    for (let minute = 0; minute < 60; minute++) await pass(60_000);
    await broker.close();
    broker = new LmdbBroker({ path, forgetAfter: "10m" });
    await pass(11_000);
    expect(resume()).toEqual({ entries: [] });
    stop();
    for (let minute = 0; minute < 16; minute++) await pass(60_000);
    expect(resume()).toEqual({ refused: "unknown" });
  });

  test("a channel that was ended begins anew when its end is forgotten", async () => {
    broker = new LmdbBroker({ path });
    const id = await broker.publish({ channel: "a", kind: "end", text: "", history: HISTORY });
    await expect(publish("a")).rejects.toMatchObject({ code: "ERR_CHANNEL_ENDED" });
    await pass(61_000);
    for (let step = 0; step < 3; step++) await pass(11_000);
    expect(broker.read("a", id, undefined, 1_000)).toEqual({ refused: "unknown" });
    expect(await publish("a")).toMatch(/\.1$/);
  });
});

test("H4: under steady publishing with trimming the file does not grow without end", async () => {
  broker = new LmdbBroker({ path });
  let n = 0;
  const publishSome = async (count: number): Promise<number> => {
    for (let round = 0; round < count; round++) {
      await Promise.all(
        Array.from({ length: 50 }, () => {
          const text = "x".repeat((n++ * 7_919) % 9_000);
          return publish(`channel ${n % 10}`, text, { ...HISTORY, count: 100, bytes: 300_000 });
        }),
      );
    }
    return statSync(join(path, "history.mdb")).size;
  };
  const settled = await publishSome(200);
  // 10 histories of 300,000 bytes.
  expect(settled).toBeLessThan(12_000_000);
  expect(await publishSome(800)).toBeLessThanOrEqual(settled * 1.25);
});
