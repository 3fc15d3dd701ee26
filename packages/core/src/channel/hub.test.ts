import type { Outcome } from "@sluice/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Batch } from "./batch.js";
import { PageCache } from "./page-cache.js";
import type { Feed, FeedListener, FeedPage, Gap } from "./feed.js";
import { BATCH_BYTES, Hub, type HubKeeper } from "./hub.js";
import type { Outlet } from "../stream/push-source.js";
import type { Member } from "./member.js";

const START = { position: "i0", ended: undefined };

/** A feed whose entries the test tells. */
class HandFeed implements Feed {
  readonly key = "c";
  readonly channels = ["c"];
  readonly read = vi.fn((): FeedPage => ({ entries: [], next: "" }));
  readonly close = vi.fn();
  listener!: FeedListener;
  #count = 0;

  open(listener: FeedListener): void | Promise<void> {
    this.listener = listener;
    listener.begin(START);
  }

  rewind = (_count: number, from: string) => from;

  /** Tells some entries, with a text of so many bytes. */
  tell(times: number, size = 10): void {
    for (let n = 0; n < times; n++) {
      const id = `i${++this.#count}`;
      this.listener.accept({ id, kind: "text", text: "x".repeat(size) }, undefined);
    }
  }

  end(outcome: Outcome = "done"): void {
    const text = outcome === "done" ? "" : outcome;
    this.listener.accept({ id: `i${++this.#count}`, kind: "end", text }, outcome);
  }
}

/** A connection that notes which batches it is given, and has so many bytes waiting after each. */
class TestMember implements Member, Outlet {
  readonly outlet = this;
  at = -1;
  stalledAt = 0;
  readonly maxBufferedBytes: number;
  readonly stallTimeout = 30_000;
  readonly batches: Batch[] = [];
  readonly log: string[] = [];
  waiting = 0;
  duringWrite: (() => void) | undefined;

  constructor(maxBufferedBytes = 1_048_576) {
    this.maxBufferedBytes = maxBufferedBytes;
  }

  /** The ids of what it was given, one text for each write. */
  get writes(): string[] {
    return this.batches.map(({ frames }) => frames.map(({ event }) => event.id).join(" "));
  }

  write(batch: Batch): number {
    this.batches.push(batch);
    this.duringWrite?.();
    return this.waiting;
  }

  writeBatch(batch: Batch): number {
    return this.write(batch);
  }

  lost({ channels, position }: Gap): void {
    this.log.push(`lost ${channels.join(" ")} ${position}`);
  }
  /** How many events went through its outlet, and the id of the last, each time that it left the flow. */
  readonly flows: [events: number, lastId: string][] = [];
  #before = 0;
  flow = (written: number) => void (this.#before = written);
  flowed = (written: number, lastId: string) =>
    void this.flows.push([written - this.#before, lastId]);
  filled = () => {};
  overflow = () => void this.log.push("overflow");
  complete = (outcome?: Outcome) => void this.log.push(`complete${outcome ? ` ${outcome}` : ""}`);
  fail = (error: unknown) => void this.log.push(`fail ${String(error)}`);
  report = (error: unknown) => void this.log.push(`report ${String(error)}`);
}

/** A hub with a ring of so many bytes. */
function make(ringBytes = 1_048_576) {
  const feed = new HandFeed();
  const keeper = {
    ringBytes,
    pages: new PageCache(),
    watch: vi.fn(),
    release: vi.fn(),
  } satisfies HubKeeper;
  const hub = new Hub(feed, keeper);
  void hub.open();
  const join = (member = new TestMember()): TestMember => {
    hub.add(member);
    hub.enter(member, hub.find(hub.position)!);
    return member;
  };
  return { feed, keeper, hub, join };
}

/** Takes a millisecond. */
const endTurn = () => void vi.advanceTimersByTime(1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setImmediate", "performance"] });
});
afterEach(() => {
  // What a failure has left must not reach into the next test.
  endTurn();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("what is told in one turn of the event loop", () => {
  it("H1: is one write for each member, of one and the same batch", () => {
    const { feed, join } = make();
    const members = [join(), join(), join()];
    feed.tell(3);
    expect(members[0]!.writes).toEqual([]);
    endTurn();
    feed.tell(2);
    endTurn();
    for (const member of members) {
      expect(member.writes).toEqual(["i1 i2 i3", "i4 i5"]);
      expect(member.batches[0]).toBe(members[0]!.batches[0]);
      expect(member.batches[1]).toBe(members[0]!.batches[1]);
    }
  });

  it("H1: is made into one batch, however many members there are, and none when there are none", () => {
    const make1 = vi.spyOn(Batch, "ofEntries");
    const { feed, join } = make();
    feed.tell(1);
    endTurn();
    expect(make1).not.toHaveBeenCalled();
    for (let n = 0; n < 50; n++) join();
    for (let turn = 0; turn < 4; turn++) {
      feed.tell(5);
      endTurn();
    }
    expect(make1).toHaveBeenCalledTimes(4);
  });

  it("H5: goes out in parts when it is more than 64 KiB, and the ring stays bounded", () => {
    const { feed, hub, join } = make(0);
    const member = join(new TestMember(100_000));
    for (let n = 0; n < 1_000; n++) feed.tell(1, 1_000);
    const sizes = member.batches.map(({ text }) => text.length);
    expect(sizes.length).toBeGreaterThan(10);
    expect(Math.max(...sizes)).toBeLessThan(BATCH_BYTES + 2_000);
    endTurn();
    expect(member.writes.join(" ").split(" ")).toEqual(
      Array.from({ length: 1_000 }, (_, n) => `i${n + 1}`),
    );
    // The ring reaches back no further than its bytes.
    expect(hub.find("i1000")).toBe(1_000);
    expect(hub.find("i900")).toBeUndefined();
  });

  it("H5: is not dropped from the ring before it is sent, however little that holds", () => {
    const { feed, join } = make(0);
    const member = join(new TestMember(0));
    feed.tell(6, 10_000);
    endTurn();
    expect(member.writes).toEqual(["i1 i2 i3 i4 i5 i6"]);
  });
});

describe("a member that does not take what it is given", () => {
  it("H5: is behind from 64 KiB on, and goes on where it was", () => {
    const { feed, hub, join, keeper } = make();
    const [slow, fast] = [join(), join()];
    slow.waiting = BATCH_BYTES;
    feed.tell(1);
    endTurn();
    slow.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    expect(keeper.watch).toHaveBeenCalledTimes(1);
    expect(hub.isAnyoneBehind).toBe(true);
    feed.tell(2);
    endTurn();
    expect(slow.writes).toEqual(["i1", "i2"]);
    expect(fast.writes).toEqual(["i1", "i2", "i3 i4"]);
    slow.waiting = 0;
    hub.catchUp(slow);
    expect(slow.writes).toEqual(["i1", "i2", "i3 i4"]);
    expect(hub.isAnyoneBehind).toBe(false);
    feed.tell(1);
    endTurn();
    expect(slow.writes.at(-1)).toBe("i5");
  });

  it("H2: catches up to what was sent, not to what was told", () => {
    const { feed, hub, join } = make();
    const slow = join();
    slow.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    feed.tell(1);
    endTurn();
    feed.tell(1);
    slow.waiting = 0;
    hub.catchUp(slow);
    expect(slow.writes).toEqual(["i1", "i2"]);
    endTurn();
    expect(slow.writes).toEqual(["i1", "i2", "i3"]);
  });

  it("H5: catches up in parts of about 64 KiB, one for each time that it takes all", () => {
    const { feed, hub, join } = make();
    const slow = join();
    slow.waiting = BATCH_BYTES + 1;
    for (let n = 0; n < 20; n++) feed.tell(1, 10_000);
    endTurn();
    const before = slow.batches.length;
    hub.catchUp(slow);
    expect(slow.batches).toHaveLength(before + 1);
    expect(slow.batches.at(-1)!.text.length).toBeLessThan(BATCH_BYTES + 10_100);
  });

  it("H1: shares the batches of those that are at the same place", () => {
    const { feed, hub, join } = make();
    const slow = [join(), join(), join()];
    for (const member of slow) member.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    feed.tell(3);
    endTurn();
    const ofEntries = vi.spyOn(Batch, "ofEntries");
    for (const member of slow) hub.catchUp(member);
    expect(ofEntries).toHaveBeenCalledTimes(1);
    expect(new Set(slow.map(({ batches }) => batches.at(-1)))).toHaveProperty("size", 1);
  });

  it("H5: overflows when it is further behind than it may be", () => {
    const { feed, hub, join } = make();
    const slow = join(new TestMember(100));
    slow.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    feed.tell(1, 80);
    endTurn();
    hub.sweep(performance.now());
    expect(slow.log).toEqual([]);
    feed.tell(1, 80);
    endTurn();
    hub.sweep(performance.now());
    expect(slow.log).toEqual(["overflow"]);
  });

  it("H5: finds in the ring as much as it may be behind, however little that holds otherwise", () => {
    const { feed, hub, join } = make(0);
    const slow = join(new TestMember(1_000));
    slow.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    feed.tell(10, 80);
    endTurn();
    hub.sweep(performance.now());
    slow.waiting = 0;
    hub.catchUp(slow);
    expect(slow.log).toEqual([]);
    expect(slow.writes).toEqual(["i1", "i2 i3 i4 i5 i6 i7 i8 i9 i10 i11"]);
  });

  it("H5: overflows when it takes nothing for the time of its patience, and no sooner", () => {
    const { feed, hub, join } = make();
    const slow = join();
    slow.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    vi.advanceTimersByTime(29_998);
    hub.sweep(performance.now());
    expect(slow.log).toEqual([]);
    vi.advanceTimersByTime(1);
    hub.sweep(performance.now());
    expect(slow.log).toEqual(["overflow"]);
  });

  it("H5: skips to what comes now, or to the newest event, and it is counted", () => {
    const { feed, hub, join } = make();
    const slow = join();
    slow.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    feed.tell(4);
    endTurn();
    expect(hub.skip(slow, 1)).toEqual({
      channels: ["c"],
      reason: "skipped",
      skipped: 3,
      position: "i4",
    });
    expect(hub.skip(slow, 0)).toMatchObject({ skipped: 4, position: "i5" });
    expect(hub.skipped).toBe(7);
  });

  it("H5: does not take the end of the channel for the newest event", () => {
    const { feed, hub, join } = make();
    const slow = join();
    slow.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    feed.tell(4);
    feed.end();
    endTurn();
    expect(hub.skip(slow, 1)).toMatchObject({ skipped: 3, position: "i4" });
    expect(hub.skip(slow, 0)).toMatchObject({ skipped: 4, position: "i5" });
  });
});

describe("what happens in the midst of a write", () => {
  it("H2: who enters then is not given what was being sent", () => {
    const { feed, hub, join } = make();
    const first = join();
    const late = new TestMember();
    first.duringWrite = () => {
      first.duringWrite = undefined;
      join(late);
    };
    feed.tell(1);
    endTurn();
    feed.tell(1);
    endTurn();
    expect(first.writes).toEqual(["i1", "i2"]);
    expect(late.writes).toEqual(["i2"]);
    expect(hub.size).toBe(2);
  });

  it("H2: what is told then is sent after it", () => {
    const { feed, join } = make();
    const members = [join(), join()];
    members[0]!.duringWrite = () => {
      members[0]!.duringWrite = undefined;
      feed.tell(1, BATCH_BYTES);
    };
    feed.tell(1);
    endTurn();
    endTurn();
    for (const member of members) expect(member.writes).toEqual(["i1", "i2"]);
  });

  it("C3: what is told then comes before the end that is told then", () => {
    const { feed, join } = make();
    const members = [join(), join()];
    for (const member of members)
      member.complete = () => void member.log.push(`complete after ${member.writes.join(", ")}`);
    members[0]!.duringWrite = () => {
      members[0]!.duringWrite = undefined;
      feed.tell(1);
      feed.end();
    };
    feed.tell(1);
    endTurn();
    endTurn();
    for (const member of members) expect(member.log).toEqual(["complete after i1, i2"]);
  });

  it("H2: a cursor that nobody was sent yet is not found", () => {
    const { feed, hub, join } = make();
    const member = join();
    let found: number | undefined = -1;
    member.duringWrite = () => {
      member.duringWrite = undefined;
      feed.tell(1);
      found = hub.find("i2");
    };
    feed.tell(1);
    endTurn();
    expect(found).toBeUndefined();
    expect(hub.find("i2")).toBe(2);
  });

  it("H2: who may have nothing before it enters at once, whatever is still to be sent", () => {
    const { feed, hub, join } = make();
    const member = join();
    const strict = new TestMember(0);
    let near: boolean | undefined;
    member.duringWrite = () => {
      member.duringWrite = undefined;
      feed.tell(1);
      near = hub.isNear(strict, 1);
    };
    feed.tell(1);
    endTurn();
    expect(near).toBe(true);
    expect(hub.isNear(strict, 0)).toBe(false);
  });

  it("H7: who listens to several channels hears of each entry in its order", () => {
    const { feed, hub } = make();
    const heard: string[][] = [[], []];
    for (const own of heard) {
      hub.tap({
        at: 0,
        size: 1,
        accept: ({ id }) => {
          own.push(id);
          if (own.length === 1 && heard[1]!.length === 0) feed.tell(1);
        },
        lost: () => undefined,
        report: () => undefined,
      });
    }
    feed.tell(1);
    expect(heard).toEqual([
      ["i1", "i2"],
      ["i1", "i2"],
    ]);
  });
});

describe("a tap", () => {
  it("H7: is told an entry that the ring would not hold any longer", () => {
    const { feed, hub, join } = make(0);
    const member = join(new TestMember(0));
    const heard: string[][] = [[], []];
    for (const own of heard) {
      hub.tap({
        at: 0,
        size: 1,
        accept: ({ id }) => {
          own.push(id);
          hub.flush();
        },
        lost: () => undefined,
        report: () => undefined,
      });
    }
    feed.tell(2);
    expect(heard).toEqual([
      ["i1", "i2"],
      ["i1", "i2"],
    ]);
    expect(member.writes).toEqual(["i1", "i2"]);
  });
});

describe("a loss", () => {
  const gap: Gap = { channels: ["a"], reason: "lost", position: "j9" };

  it("H3: is told to all members, after what had come before", () => {
    const { feed, hub, join } = make();
    const member = join();
    feed.tell(1);
    feed.listener.lost(gap);
    expect([member.writes, member.log]).toEqual([["i1"], ["lost a j9"]]);
    expect(hub.position).toBe("j9");
    expect(hub.find("i1")).toBeUndefined();
  });

  it("H3: is one of all channels to a member that is behind", () => {
    const { feed, join } = make();
    const slow = join();
    slow.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    feed.tell(1);
    feed.listener.lost(gap);
    expect(slow.log).toEqual(["lost c j9"]);
  });

  it("H3: does not drop what is told while others are sent what came before", () => {
    const { feed, hub, join } = make();
    const member = join();
    member.duringWrite = () => {
      member.duringWrite = undefined;
      feed.tell(1);
    };
    feed.tell(1);
    feed.listener.lost(gap);
    endTurn();
    expect(member.writes).toEqual(["i1", "i2"]);
    expect(hub.position).toBe("i2");
  });
});

describe("the end", () => {
  it("C3: is told after all events, once, and to those that enter later at once", () => {
    const { feed, hub, join } = make();
    const member = join();
    feed.tell(1);
    feed.end();
    expect(hub.ended).toBe("done");
    endTurn();
    expect([member.writes, member.log]).toEqual([["i1"], ["complete done"]]);
    expect(join().log).toEqual(["complete done"]);
  });

  it("C3: is told with its outcome, to those that enter later too", () => {
    const { feed, hub, join } = make();
    const member = join();
    feed.end("failed");
    endTurn();
    expect([hub.ended, member.log, join().log]).toEqual([
      "failed",
      ["complete failed"],
      ["complete failed"],
    ]);
  });

  it("C3: is told to one that is behind when it has all", () => {
    const { feed, hub, join } = make();
    const slow = join();
    slow.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    feed.tell(1);
    feed.end();
    endTurn();
    expect(slow.log).toEqual([]);
    slow.waiting = 0;
    hub.catchUp(slow);
    expect([slow.writes, slow.log]).toEqual([["i1", "i2"], ["complete done"]]);
  });

  it("H4: comes with a close, after what was told before", () => {
    const { feed, hub, join } = make();
    const member = join();
    feed.tell(1);
    hub.close();
    expect([member.writes, member.log]).toEqual([["i1"], ["complete"]]);
    expect(feed.close).toHaveBeenCalledTimes(1);
    endTurn();
    expect(member.writes).toEqual(["i1"]);
  });
});

describe("a hub whose feed could not be opened", () => {
  it("H4: tries again for who comes next, although others that failed have not left yet", async () => {
    const feed = new HandFeed();
    const opening = vi.fn<() => void | Promise<void>>(() => feed.listener.begin(START));
    feed.open = (listener) => {
      feed.listener = listener;
      return opening();
    };
    opening.mockRejectedValueOnce(new Error("down"));
    const hub = new Hub(feed, {
      ringBytes: 1_000,
      pages: new PageCache(),
      watch: vi.fn(),
      release: vi.fn(),
    });
    const [first, second] = [new TestMember(), new TestMember()];
    hub.add(first);
    await expect(hub.open()).rejects.toThrow("down");
    hub.add(second);
    await hub.open();
    expect(opening).toHaveBeenCalledTimes(2);
    hub.enter(second, hub.find(hub.position)!);
    feed.tell(1);
    endTurn();
    expect(second.writes).toEqual(["i1"]);
  });
});

describe("a hub that nobody needs", () => {
  it("H4: is released with its last member or tap, and closes its feed", () => {
    const { feed, hub, join, keeper } = make();
    const members = [join(), join()];
    const tap = { at: 0, size: 3, accept: vi.fn(), lost: vi.fn(), report: vi.fn() };
    hub.tap(tap);
    expect(hub.size).toBe(5);
    for (const member of members) hub.leave(member);
    expect(keeper.release).not.toHaveBeenCalled();
    hub.untap(tap);
    expect(keeper.release).toHaveBeenCalledExactlyOnceWith(hub);
    expect(feed.close).toHaveBeenCalledTimes(1);
    feed.tell(1);
    endTurn();
    expect(tap.accept).not.toHaveBeenCalled();
  });

  it("reports an error of its feed to one that can take note of it", () => {
    const { feed, hub, join } = make();
    feed.listener.report(new Error("nobody"));
    const members = [join(), join()];
    feed.listener.report("down");
    expect(members.map(({ log }) => log)).toEqual([["report down"], []]);
    const report = vi.fn();
    hub.tap({ at: 0, size: 1, accept: vi.fn(), lost: vi.fn(), report });
    for (const member of members) hub.leave(member);
    feed.listener.report("again");
    expect(report).toHaveBeenCalledExactlyOnceWith("again");
  });
});

describe("what goes past a connection, through its outlet", () => {
  it("is counted when it leaves the flow, with the id of the last", () => {
    const { feed, hub, join } = make();
    const member = join();
    feed.tell(3);
    endTurn();
    feed.tell(2);
    endTurn();
    expect(member.flows).toEqual([]);
    hub.leave(member);
    expect(member.flows).toEqual([[5, "i5"]]);
  });

  it("does not count the end, which is no event", () => {
    const { feed, join, hub } = make();
    const member = join();
    feed.tell(2);
    feed.end();
    endTurn();
    expect(member.log).toEqual(["complete done"]);
    hub.leave(member);
    expect(member.flows).toEqual([[2, "i2"]]);
  });

  it("H7: does not count the end of one of several channels either", () => {
    const { feed, join, hub } = make();
    const member = join();
    feed.tell(1);
    feed.listener.accept({ id: "of-one", kind: "end", text: "" }, undefined);
    feed.tell(1);
    endTurn();
    hub.leave(member);
    expect(member.flows).toEqual([[2, member.batches[0]!.lastId]]);
  });

  it("does not count what it gets while it is behind", () => {
    const { feed, hub, join } = make();
    const member = join();
    member.waiting = BATCH_BYTES + 1;
    feed.tell(1);
    endTurn();
    expect(member.flows).toEqual([[1, "i1"]]);
    feed.tell(4);
    endTurn();
    member.waiting = 0;
    hub.catchUp(member);
    feed.tell(1);
    endTurn();
    hub.leave(member);
    expect(member.flows).toEqual([
      [1, "i1"],
      [1, "i6"],
    ]);
  });

  it("H2: reaches one that comes while others are written to from the next batch on", () => {
    const { feed, hub, join } = make();
    const late = new TestMember();
    const first = join();
    first.duringWrite = () => {
      first.duringWrite = undefined;
      join(late);
    };
    feed.tell(1);
    endTurn();
    feed.tell(1);
    endTurn();
    expect(first.writes).toEqual(["i1", "i2"]);
    expect(late.writes).toEqual(["i2"]);
    hub.leave(late);
    expect(late.flows).toEqual([[1, "i2"]]);
  });
});
