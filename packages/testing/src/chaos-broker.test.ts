import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Broker,
  type Entry,
  type Follower,
  MemoryBroker,
  MemoryRunStore,
  SluiceError,
} from "@sluice/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { BreakableBroker } from "../test/breakable-broker.js";
import { brokerConformance } from "./broker-conformance.js";
import { ChaosBroker } from "./chaos-broker.js";
import type { ChaosOptions } from "./chaos-options.js";

const NONE: ChaosOptions = { delay: 0, drop: 0, double: 0, reorder: 0, reach: 0, slow: 0 };
const PLENTY = { count: 1_000, age: 60_000, bytes: 1_000_000 };

const publish = (broker: ChaosBroker, n: number): Promise<string> =>
  broker.publish({ channel: "room", kind: "json", text: `data: ${n}\n\n`, history: PLENTY });

/** A follower that notes the numbers that it is told, and cursors as they are. */
class Notes implements Follower {
  readonly numbers: number[] = [];
  readonly cursors: string[] = [];

  deliver(_: string, { text }: Entry): void {
    this.numbers.push(Number(text.slice(6)));
  }

  reached(position: string): void {
    this.cursors.push(position);
  }
}

/** Publishes 1 to `count` to one follower. */
async function tell(options: ChaosOptions, count = 200) {
  const memory = new MemoryBroker();
  const broker = new ChaosBroker(memory, options);
  onTestFinished(() => broker.close());
  const notes = new Notes();
  const following = await broker.follow("room", notes);
  // Followers are told from the next turn on.
  await nextTurn();
  const published = Array.from({ length: count }, (_, at) => publish(broker, at + 1));
  const results = await Promise.allSettled(published);
  const ids = results.map((result) => (result.status === "fulfilled" ? result.value : undefined));
  const reasons = results.flatMap((result) =>
    result.status === "rejected" ? [result.reason as unknown] : [],
  );
  return { memory, broker, notes, following, ids, reasons };
}

/** The numbers that a memory broker has stored after a cursor. */
function stored(memory: MemoryBroker, after: string): number[] {
  const page = memory.read("room", after, undefined, Infinity);
  return page.refused === undefined ? page.entries.map(({ text }) => Number(text.slice(6))) : [];
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

describe("a broker that only tells badly is still a broker", () => {
  const inner = new WeakMap<ChaosBroker, BreakableBroker>();
  const open = (seed: number): ChaosBroker => {
    const breakable = new BreakableBroker();
    const broker = new ChaosBroker(breakable, { seed });
    inner.set(broker, breakable);
    return broker;
  };
  const cases = [1, 2, 3].flatMap((seed) =>
    brokerConformance({
      open: () => open(seed),
      breakStore: (broker) => inner.get(broker)!.break(),
      settle: (broker) => broker.settle(),
      lossy: true,
      seed,
    }).map(({ name, run }) => [name, seed, run] as const),
  );

  it.each(cases)("%s (seed %i)", async (_, __, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("without faults it is as good as the broker in it", () => {
  const cases = brokerConformance({
    open: () => new ChaosBroker(new MemoryBroker(), { ...NONE, slow: 0.5 }),
  }).map(({ name, run }) => [name, run] as const);

  it.each(cases)("%s", async (_, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("each fault does what its name says, and no more", () => {
  it("delay: entries come later, all of them and in order", async () => {
    const { broker, notes } = await tell({ ...NONE, delay: 1 });
    expect(notes.numbers.length).toBeLessThan(200);
    await broker.settle();
    expect(notes.numbers).toEqual(upTo(200));
  });

  it("drop: some entries are not told, and all are stored", async () => {
    const { memory, notes, following } = await tell({ ...NONE, drop: 0.3 });
    expect(notes.numbers.length).toBeGreaterThan(80);
    expect(notes.numbers.length).toBeLessThan(190);
    expect(notes.numbers).toEqual(sorted([...new Set(notes.numbers)]));
    expect(stored(memory, following.position)).toEqual(upTo(200));
  });

  it("double: some entries are told twice", async () => {
    const { notes } = await tell({ ...NONE, double: 0.3 });
    expect(notes.numbers.length).toBeGreaterThan(210);
    expect([...new Set(notes.numbers)]).toEqual(upTo(200));
  });

  it("reorder: entries are told in another order, each once", async () => {
    const { broker, notes } = await tell({ ...NONE, reorder: 0.5 });
    await broker.settle();
    expect(notes.numbers).not.toEqual(upTo(200));
    expect(sorted(notes.numbers)).toEqual(upTo(200));
  });

  it("reach: it is told how far the channel has come", async () => {
    const { notes, ids } = await tell({ ...NONE, reach: 0.3 });
    expect(notes.numbers).toEqual(upTo(200));
    expect(notes.cursors.length).toBeGreaterThan(20);
    expect(notes.cursors).toEqual(ids.filter((id) => notes.cursors.includes(id!)));
  });

  it("failPublish: an entry that was refused is neither stored nor told", async () => {
    const { memory, notes, following, ids, reasons } = await tell({ ...NONE, failPublish: 0.3 });
    const kept = upTo(200).filter((n) => ids[n - 1] !== undefined);
    expect(kept.length).toBeLessThan(190);
    expect(notes.numbers).toEqual(kept);
    expect(stored(memory, following.position)).toEqual(kept);
    expect(reasons).toHaveLength(200 - kept.length);
    for (const reason of reasons) {
      expect(reason).toBeInstanceOf(SluiceError);
      expect(reason).toMatchObject({ code: "ERR_NOT_STORED" });
    }
  });

  it("loseAnswer: an entry is stored and told although its publish failed", async () => {
    const { memory, notes, following, reasons } = await tell({ ...NONE, loseAnswer: 0.3 });
    expect(reasons.length).toBeGreaterThan(20);
    for (const reason of reasons) expect(reason).toMatchObject({ code: "ERR_FAULT" });
    expect(notes.numbers).toEqual(upTo(200));
    expect(stored(memory, following.position)).toEqual(upTo(200));
  });

  it("failRead and failFollow: the calls fail, and who follows hears on", async () => {
    const { broker, notes, following } = await tell({ ...NONE, failRead: 1 }, 3);
    const fault = { code: "ERR_FAULT" };
    await expect(broker.read("room", following.position, undefined, 1)).rejects.toMatchObject(
      fault,
    );
    await expect(broker.rewind("room", 1, following.position)).rejects.toMatchObject(fault);
    expect(notes.numbers).toEqual([1, 2, 3]);

    const deaf = new ChaosBroker(new MemoryBroker(), { failFollow: 1 });
    await expect(deaf.follow("room", new Notes())).rejects.toMatchObject(fault);
    await deaf.close();
  });
});

it("the same seed makes the same faults, and another one others", async () => {
  const options = { ...NONE, delay: 0.3, drop: 0.2, double: 0.2, reorder: 0.3 };
  const runs = [];
  for (const seed of [5, 5, 6]) {
    const { broker, notes } = await tell({ ...options, seed });
    await broker.settle();
    runs.push(notes.numbers);
  }
  expect(runs[0]).toEqual(runs[1]);
  expect(runs[0]).not.toEqual(runs[2]);
});

it("settling tells what is on its way, and how far the channel has come when all else was dropped", async () => {
  const { broker, notes, ids } = await tell({ ...NONE, drop: 1 });
  expect(notes).toMatchObject({ numbers: [], cursors: [] });
  await broker.settle();
  expect(notes).toMatchObject({ numbers: [], cursors: [ids.at(-1)] });
});

it("after the calm nothing goes wrong any more", async () => {
  const options = { drop: 1, double: 1, slow: 1, failRead: 1, failPublish: 1, failFollow: 0 };
  const { broker, notes, following } = await tell(options, 20);
  await broker.calm();
  const id = await publish(broker, 21);
  expect(notes.numbers).toEqual([21]);
  expect(await broker.read("room", following.position, undefined, 1_000)).toEqual({
    entries: [expect.objectContaining({ id })],
  });
  expect(await broker.rewind("room", 1, id)).toBe(following.position);
});

it("nothing is told before following has come back, and nothing after stop or close", async () => {
  const broker = new ChaosBroker(new MemoryBroker(), { ...NONE, delay: 1 });
  const [early, stopped, closed] = [new Notes(), new Notes(), new Notes()];
  const following = broker.follow("room", early);
  const told = publish(broker, 1);
  expect((await following).position).toBeDefined();
  expect(early.numbers).toEqual([]);
  await told;
  await broker.settle();
  expect(early.numbers).toEqual([1]);

  const other = await broker.follow("room", stopped);
  await broker.follow("room", closed);
  await publish(broker, 2);
  other.stop();
  other.stop();
  await broker.close();
  await broker.settle();
  expect([stopped.numbers, closed.numbers]).toEqual([[], []]);
});

it("takes its time from the scheduler alone", async () => {
  const tasks: (() => void)[] = [];
  const broker = new ChaosBroker(new MemoryBroker(), {
    ...NONE,
    delay: 1,
    schedule: (task) => tasks.push(task),
  });
  const notes = new Notes();
  await broker.follow("room", notes);
  await publish(broker, 1);
  expect(notes.numbers).toEqual([]);
  while (tasks.length > 0) tasks.shift()!();
  expect(notes.numbers).toEqual([1]);
  await broker.close();
});

it("gives the store of runs on as it is, where there is one", () => {
  const runs = new MemoryRunStore();
  const broker: Broker = Object.assign(new MemoryBroker(), { runs });
  expect(new ChaosBroker(broker).runs).toBe(runs);
  expect(new ChaosBroker(new MemoryBroker()).runs).toBeUndefined();
});
