import type { Outcome } from "@sluice/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Broker, Entry, Follower, Following, Page } from "./broker.js";
import { ChannelFeed } from "./channel-feed.js";
import type { FeedListener, FeedStart, Gap } from "./feed.js";

/** The pauses that a feed makes, in milliseconds, and a way to end the last of them. */
const pauses = vi.hoisted(() => ({ made: [] as number[], end: (): void => undefined }));
vi.mock("node:timers/promises", () => ({
  setTimeout: (ms: number, value: undefined, { signal }: { signal: AbortSignal }) =>
    new Promise<void>((resolve, reject) => {
      pauses.made.push(ms);
      pauses.end = resolve;
      signal.addEventListener("abort", () => reject(new Error("aborted")));
    }),
}));

const entry = (n: number, kind: Entry["kind"] = "text"): Entry => ({ id: `i${n}`, kind, text: "" });
const page = (...entries: Entry[]): Page => ({ entries });

interface Call<T> {
  readonly after: string;
  readonly through: string | undefined;
  readonly bytes: number;
  readonly answer: (result: T) => Promise<void>;
  readonly refuse: (error: unknown) => Promise<void>;
}

/** Lets everything happen that needs no more than promises. */
const settle = async () => {
  for (let step = 0; step < 20; step++) await Promise.resolve();
};

/** A broker whose answers the test gives. */
class HandBroker implements Broker {
  readonly reads: Call<Page>[] = [];
  readonly follows: Call<FeedStart>[] = [];
  follower!: Follower;
  stopped = 0;

  follow(_channel: string, follower: Follower): Promise<Following> {
    this.follower = follower;
    return this.#call(this.follows, "", undefined).then((start: FeedStart) => ({
      ...start,
      stop: () => void this.stopped++,
    }));
  }

  read(_channel: string, after: string, through: string | undefined, bytes: number): Promise<Page> {
    return this.#call(this.reads, after, through, bytes);
  }

  publish = () => expect.unreachable();
  rewind = (_channel: string, count: number, from: string) => `${from}-${count}`;
  close = () => undefined;

  tell(...numbers: number[]): void {
    for (const n of numbers) this.follower.deliver(`i${n - 1}`, entry(n));
  }

  #call<T>(calls: Call<T>[], after: string, through: string | undefined, bytes = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      calls.push({
        after,
        through,
        bytes,
        answer: (result) => (resolve(result), settle()),
        refuse: (error) => (reject(error), settle()),
      });
    });
  }
}

class Listener implements FeedListener {
  readonly size = 1;
  readonly log: (string | Gap)[] = [];
  readonly errors: unknown[] = [];
  /** What the hub's ring still has. */
  readonly ids = new Set<string>();
  begin({ position }: FeedStart): void {
    this.log.push(`begin ${position}`);
  }
  accept({ id, kind }: Entry, ended: Outcome | undefined): void {
    this.log.push(ended ? `${id} ${kind} ${ended}` : id);
    this.ids.add(id);
  }
  lost(gap: Gap): void {
    this.log.push(gap);
  }
  has(cursor: string): boolean {
    return this.ids.has(cursor);
  }
  report(error: unknown): void {
    this.errors.push(error);
  }
}

/** A feed that has begun after i0. */
async function begun(position = "i0") {
  const broker = new HandBroker();
  const feed = new ChannelFeed(broker, "c");
  const listener = new Listener();
  const opening = feed.open(listener);
  await broker.follows[0]!.answer({ position, ended: undefined });
  await opening;
  expect(listener.log.splice(0)).toEqual([`begin ${position}`]);
  return { broker, feed, listener };
}

beforeEach(() => {
  pauses.made.length = 0;
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("what a broker tells", () => {
  it("H2: is accepted in order, and read for only where something is missing", async () => {
    const { broker, listener } = await begun();
    broker.tell(1, 2, 3);
    expect(listener.log).toEqual(["i1", "i2", "i3"]);
    expect(broker.reads).toEqual([]);
  });

  it("H2: is accepted once, although it was told twice", async () => {
    const { broker, listener } = await begun();
    broker.tell(1, 1, 2, 1, 2);
    expect(listener.log).toEqual(["i1", "i2"]);
    expect(broker.reads).toEqual([]);
  });

  it("H2: out of order is put right by reading", async () => {
    const { broker, listener } = await begun();
    broker.tell(2, 1);
    expect(broker.reads.map(({ after, through }) => [after, through])).toEqual([["i0", undefined]]);
    await broker.reads[0]!.answer(page(entry(1), entry(2)));
    expect(listener.log).toEqual(["i1", "i2"]);
    broker.tell(3);
    expect(listener.log).toEqual(["i1", "i2", "i3"]);
    expect(broker.reads).toHaveLength(1);
  });

  it("H2: before it is known where to begin is not forgotten", async () => {
    const broker = new HandBroker();
    const listener = new Listener();
    const opening = new ChannelFeed(broker, "c").open(listener);
    broker.tell(1);
    await broker.follows[0]!.answer({ position: "i0", ended: undefined });
    await opening;
    await broker.reads[0]!.answer(page(entry(1)));
    expect(listener.log).toEqual(["begin i0", "i1"]);
  });

  it("H2: between the beginning and the next step of the program is accepted", async () => {
    const broker = new HandBroker();
    const listener = new Listener();
    const opening = Promise.resolve(new ChannelFeed(broker, "c").open(listener));
    const begin = listener.begin.bind(listener);
    // As close behind the beginning as can be.
    listener.begin = (start) => {
      begin(start);
      queueMicrotask(() => broker.tell(1));
    };
    await broker.follows[0]!.answer({ position: "i0", ended: undefined });
    await opening;
    expect(listener.log).toEqual(["begin i0", "i1"]);
  });

  it("H2: while nothing was there to be read is read for again", async () => {
    const { broker, listener } = await begun();
    broker.follower.reached("i1");
    // The broker answered before it stored the second, and tells of it before the answer arrives.
    broker.tell(2);
    await broker.reads[0]!.answer(page(entry(1)));
    await broker.reads[1]!.answer(page());
    expect(listener.log).toEqual(["i1"]);
    expect(broker.reads).toHaveLength(2);

    broker.follower.reached("i3");
    broker.tell(4);
    await broker.reads[2]!.answer(page());
    await broker.reads[3]!.answer(page(entry(2), entry(3), entry(4)));
    expect(listener.log).toEqual(["i1", "i2", "i3", "i4"]);
  });

  it("H2: in the wrong order during a repair is read for until all of it has come", async () => {
    const { broker, listener } = await begun();
    broker.tell(2);
    broker.tell(4, 3);
    await broker.reads[0]!.answer(page(entry(1), entry(2), entry(3)));
    // The last that was told has come, but not all.
    await broker.reads[1]!.answer(page(entry(4)));
    expect(listener.log).toEqual(["i1", "i2", "i3", "i4"]);
    expect(broker.reads).toHaveLength(2);
  });

  it("H2: shows by its position alone that something was not told", async () => {
    const { broker, listener } = await begun();
    broker.follower.reached("i0");
    expect(broker.reads).toEqual([]);
    broker.follower.reached("i2");
    await broker.reads[0]!.answer(page(entry(1), entry(2)));
    broker.follower.reached("i2");
    broker.follower.reached("i1");
    expect(listener.log).toEqual(["i1", "i2"]);
    expect(broker.reads).toHaveLength(1);
  });

  it("H2: again of long ago costs one look, and does not stop what comes", async () => {
    const { broker, listener } = await begun();
    broker.tell(1);
    listener.ids.clear();
    broker.tell(2);
    broker.tell(1);
    await broker.reads[0]!.answer(page());
    broker.tell(3);
    expect(listener.log).toEqual(["i1", "i2", "i3"]);
    expect(broker.reads).toHaveLength(1);
  });
});

describe("a broker that fails", () => {
  it("is tried again after pauses that double, up to five seconds", async () => {
    const { broker, listener } = await begun();
    broker.tell(2);
    for (let n = 0; n < 9; n++) {
      await broker.reads[n]!.refuse(new Error(`failure ${n}`));
      pauses.end();
      await settle();
    }
    expect(pauses.made).toEqual([50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(listener.errors).toHaveLength(9);
    await broker.reads[9]!.answer(page(entry(1), entry(2)));
    expect(listener.log).toEqual(["i1", "i2"]);
    broker.tell(4);
    await broker.reads[10]!.refuse(new Error("anew"));
    expect(pauses.made.at(-1)).toBe(50);
  });

  it("is asked for less when it fails, down to 4 KiB, and for more when it is well again", async () => {
    const { broker } = await begun();
    broker.tell(9);
    for (let n = 0; n < 4; n++) {
      await broker.reads[n]!.refuse(new Error("slow"));
      pauses.end();
      await settle();
    }
    for (let n = 4; n < 8; n++) await broker.reads[n]!.answer(page(entry(n - 3)));
    const KIB = 1_024;
    expect(broker.reads.map(({ bytes }) => bytes / KIB)).toEqual([
      256, 64, 16, 4, 4, 8, 16, 32, 64,
    ]);
  });

  it("is tried again at once when it tells how far the channel has come, since it is back", async () => {
    const { broker, listener } = await begun();
    broker.tell(2);
    await broker.reads[0]!.refuse(new Error("down"));
    broker.tell(3);
    await settle();
    expect(broker.reads).toHaveLength(1);
    broker.follower.reached("i3");
    await settle();
    await broker.reads[1]!.answer(page(entry(1), entry(2), entry(3)));
    expect(listener.log).toEqual(["i1", "i2", "i3"]);
  });

  it.each([
    [0, 25],
    [0.999, 74.95],
  ])("is not tried by all processes at once: %d", async (random, first) => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    const { broker } = await begun();
    broker.tell(2);
    await broker.reads[0]!.refuse(new Error("down"));
    expect(pauses.made[0]).toBeCloseTo(first);
  });

  it("H4: is left alone when nobody listens any more", async () => {
    const { broker, feed, listener } = await begun();
    broker.tell(2);
    await broker.reads[0]!.refuse(new Error("down"));
    feed.close();
    await settle();
    expect(broker.reads).toHaveLength(1);
    broker.tell(1);
    broker.follower.reached("i9");
    expect(listener.log).toEqual([]);
    expect(broker.stopped).toBe(1);
  });

  it("makes the opening fail", async () => {
    const broker = new HandBroker();
    const opening = Promise.resolve(new ChannelFeed(broker, "c").open(new Listener()));
    void broker.follows[0]!.refuse(new Error("down"));
    await expect(opening).rejects.toThrow("down");
  });
});

describe("a history that does not reach back any more", () => {
  it("H3: is told as a loss, from a position after which nothing is missing", async () => {
    const { broker, listener } = await begun();
    broker.tell(5);
    await broker.reads[0]!.answer({ refused: "trimmed" });
    await broker.follows[1]!.answer({ position: "i7", ended: undefined });
    expect(broker.stopped).toBe(1);
    expect(listener.log).toEqual([{ channels: ["c"], reason: "lost", position: "i7" }]);
    await broker.reads[1]!.answer(page());
    broker.tell(8);
    expect(listener.log.slice(1)).toEqual(["i8"]);
  });

  it("H3: and that can't be followed at first is told when it can", async () => {
    const { broker, listener } = await begun();
    broker.tell(5);
    await broker.reads[0]!.answer({ refused: "unknown" });
    await broker.follows[1]!.refuse(new Error("down"));
    pauses.end();
    await settle();
    await broker.reads[1]!.answer({ refused: "unknown" });
    await broker.follows[2]!.answer({ position: "i9", ended: undefined });
    expect(listener.log).toEqual([{ channels: ["c"], reason: "lost", position: "i9" }]);
  });

  it("H2: and is there again before it could be followed anew is still followed", async () => {
    const { broker, listener } = await begun();
    broker.tell(5);
    await broker.reads[0]!.answer({ refused: "unknown" });
    await broker.follows[1]!.refuse(new Error("down"));
    pauses.end();
    await settle();
    // Another server answers, which has the history.
    await broker.reads[1]!.answer(page(entry(1), entry(2), entry(3), entry(4), entry(5)));
    expect(broker.stopped).toBe(0);
    expect(listener.log).toEqual(["i1", "i2", "i3", "i4", "i5"]);
  });

  it("C3: of a channel that was ended meanwhile is told with its end", async () => {
    const { broker, listener } = await begun();
    broker.tell(5);
    await broker.reads[0]!.answer({ refused: "trimmed" });
    await broker.follows[1]!.answer({ position: "i7", ended: "failed" });
    expect(listener.log).toEqual([
      { channels: ["c"], reason: "lost", position: "i7" },
      "i7 end failed",
    ]);
  });

  it("H4: is not followed when nobody listens any more", async () => {
    const { broker, feed, listener } = await begun();
    broker.tell(5);
    await broker.reads[0]!.answer({ refused: "trimmed" });
    feed.close();
    const stopped = broker.stopped;
    await broker.follows[1]!.answer({ position: "i7", ended: undefined });
    expect(broker.stopped).toBe(stopped + 1);
    expect(listener.log).toEqual([]);
  });
});

describe("a feed that is closed", () => {
  it("H4: before it has begun stops what it began, and tells nothing", async () => {
    const broker = new HandBroker();
    const listener = new Listener();
    const feed = new ChannelFeed(broker, "c");
    const opening = feed.open(listener);
    feed.close();
    await broker.follows[0]!.answer({ position: "i0", ended: undefined });
    await opening;
    expect(broker.stopped).toBe(1);
    expect(listener.log).toEqual([]);
  });
});

describe("reading", () => {
  it("H2: gives what came after a cursor, and the cursor behind it", async () => {
    const { broker, feed } = await begun("i9");
    const reading = feed.read("i3", "i9", 100);
    await broker.reads[0]!.answer(page(entry(4), entry(5)));
    expect(await reading).toEqual({ entries: [entry(4), entry(5)], next: "i5" });
    const rest = feed.read("i5", "i9", 100);
    await broker.reads[1]!.answer(page());
    expect(await rest).toEqual({ entries: [], next: "i9" });
  });

  it.each(["malformed", "unknown", "trimmed"] as const)(
    "H3: tells the reason why it can't: %s",
    async (reason) => {
      const { broker, feed } = await begun("i9");
      const reading = feed.read("i3", "i9", 100);
      await broker.reads[0]!.answer({ refused: reason });
      expect(await reading).toEqual({ gap: { channels: ["c"], reason, position: "i9" } });
    },
  );

  it("H2: goes on after a cursor that another process has told, once it is heard here", async () => {
    const { broker, feed, listener } = await begun("i2");
    const reading = feed.read("i4", "i2", 100);
    await broker.reads[0]!.answer({ refused: "ahead" });
    await broker.reads[1]!.answer(page(entry(3), entry(4)));
    await broker.reads[2]?.answer(page());
    expect(await reading).toEqual({ entries: [], next: "i4" });
    expect(listener.log).toEqual(["i3", "i4"]);
  });

  it("H3: tells that nobody knows a cursor that is ahead of everything", async () => {
    const { broker, feed } = await begun("i2");
    const reading = feed.read("i9", "i2", 100);
    await broker.reads[0]!.answer({ refused: "ahead" });
    await broker.reads[1]!.answer(page());
    await broker.reads[2]!.answer({ refused: "ahead" });
    expect(await reading).toEqual({
      gap: { channels: ["c"], reason: "unknown", position: "i2" },
    });
  });

  it("H2: does not count the end for one of the last events", async () => {
    const { broker, feed } = await begun("i2");
    expect(feed.rewind(2, "i2")).toBe("i2-2");
    broker.follower.deliver("i2", entry(3, "end"));
    expect(feed.rewind(2, "i3")).toBe("i3-3");
    expect(feed.rewind(2, "i2")).toBe("i2-2");
  });
});
