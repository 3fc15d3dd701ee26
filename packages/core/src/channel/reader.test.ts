import type { SseEvent } from "@sluice/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeContext } from "../../test/fake-context.js";
import { TestSink } from "../../test/test-sink.js";
import { ATTACH, type PushSource } from "../stream/push-source.js";
import type { Batch } from "./batch.js";
import { Channels, type ChannelsOptions } from "./channels.js";
import { MemoryBroker } from "./memory-broker.js";

/** A connection that tells its events by their data, and counts its writes. */
class Connection extends TestSink {
  readonly writes: string[] = [];
  /** How many bytes wait after each write. */
  waiting = 0;

  constructor(source: PushSource, lastEventId?: string) {
    super();
    this.lastEventId = lastEventId;
    this.attachment = source[ATTACH](this);
  }

  /** Its head goes out. */
  open(): this {
    this.attachment.drained();
    return this;
  }

  /** It has taken all, and takes what comes. */
  take(): this {
    this.waiting = 0;
    this.attachment.drained();
    return this;
  }

  leave(): void {
    this.attachment.closed("client");
  }

  override writeBatch(batch: Batch): number {
    this.writes.push(batch.frames.map(({ event }) => tell(event)).join(", "));
    for (const { event, text } of batch.frames) {
      this.events.push(event);
      this.duringWrite?.(text);
    }
    return this.waiting;
  }
}

/** Control events by their names, others by their data. */
const tell = ({ event, data }: SseEvent) =>
  event === "sluice.reset"
    ? `reset:${(data as { reason: string }).reason}`
    : event === "sluice.position"
      ? "position"
      : String(data);

const connect = (source: PushSource, lastEventId?: string) =>
  new Connection(source, lastEventId).open();

function setUp(options: ChannelsOptions = {}) {
  const broker = new MemoryBroker();
  const channels = new Channels({ broker, ...options });
  const channel = channels.get("c");
  const publish = async (...data: (string | number)[]) => {
    const published = await Promise.all(data.map((one) => channel.publish({ data: one })));
    return published.map(({ id }) => id);
  };
  return { broker, channels, channel, publish };
}

/** Each batch waits until the test takes it. */
const SLOW = 65_537;
/** Takes a millisecond. */
const endTurn = () => void vi.advanceTimersByTime(1);

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setImmediate", "setInterval", "clearInterval", "performance"],
  });
});
afterEach(() => {
  endTurn();
  vi.useRealTimers();
});

describe("a client that joins without a cursor", () => {
  it("O2, H2: is told its position when its head is out, and then what comes", async () => {
    const { channel, publish } = setUp();
    await publish(1);
    const client = new Connection(channel);
    endTurn();
    expect(client.writes).toEqual([]);
    client.open();
    expect(client.writes).toEqual(["position"]);
    const [id] = await publish(2);
    endTurn();
    expect(client.writes).toEqual(["position", "2"]);
    expect(client.events.at(-1)!.id).toBe(id);
  });

  it("H2: gets the last events, or as many as there are", async () => {
    const { channel, publish } = setUp();
    const [, second] = await publish(1, 2, 3, 4);
    const client = connect(channel.subscribe({ last: 2 }));
    expect(client.writes).toEqual(["position", "3, 4"]);
    expect(client.events[0]!.id).toBe(second);
    expect(connect(channel.subscribe({ last: 9 })).writes).toEqual(["position", "1, 2, 3, 4"]);
  });

  it("H2: gets the last events of an ended channel without counting its end", async () => {
    const { channel, publish } = setUp();
    await publish(1, 2, 3);
    await channel.end();
    const client = connect(channel.subscribe({ last: 2 }));
    expect([client.writes, client.log]).toEqual([["position", "2, 3"], ["<complete>"]]);
  });

  it("H2: knows its position although a filter leaves out the last events", async () => {
    const { channel, publish } = setUp();
    const [first] = await publish(1, 2, 3);
    const client = connect(channel.subscribe({ last: 2, filter: () => false }));
    expect(client.writes).toEqual(["position"]);
    expect(client.events[0]!.id).toBe(first);
  });

  it("H2: gets the snapshot first, with the position from before it was read", async () => {
    const { channel, publish } = setUp();
    const [before] = await publish(1);
    let give!: (event: SseEvent) => void;
    const snapshot = vi.fn(() => new Promise<SseEvent>((resolve) => (give = resolve)));
    const client = new Connection(channel.subscribe({ snapshot }));
    client.context = fakeContext();
    client.open();
    expect(snapshot.mock.calls).toEqual([[client.context, before]]);
    await publish(2);
    endTurn();
    expect(client.writes).toEqual([]);
    give({ data: "state" });
    await Promise.resolve();
    await Promise.resolve();
    expect(client.writes).toEqual(["state", "2"]);
    expect(client.events[0]).toMatchObject({ data: "state", id: before });
  });

  it("H2: gets its position where there is no snapshot to give", () => {
    const { channel } = setUp();
    expect(connect(channel.subscribe({ snapshot: () => undefined })).writes).toEqual(["position"]);
  });

  it("H2: misses nothing that is published while the snapshot is read", async () => {
    const { channel, publish } = setUp();
    const snapshot = () => {
      void publish(1);
      return "state";
    };
    const client = connect(channel.subscribe({ snapshot }));
    endTurn();
    expect(client.writes).toEqual(["state", "1"]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
      "Error: broken",
    ],
    ["rejects", () => Promise.reject(new Error("broken")), "Error: broken"],
    [
      "has an id",
      () => ({ id: "7", data: 1 }),
      'SluiceError: The event of a snapshot or an onResync has the id "7", but ids are the channel\'s. Leave it out.',
    ],
  ])("C4: fails when its snapshot %s", async (_how, snapshot, message) => {
    const { channel, channels } = setUp();
    const client = connect(channel.subscribe({ snapshot }));
    await Promise.resolve();
    await Promise.resolve();
    expect([client.writes, client.log]).toEqual([[], [`<fail ${message}>`]]);
    expect(channels.active).toBe(0);
  });
});

describe("a client that comes with a cursor", () => {
  it("H2: gets what it has missed and then what comes, once and in order", async () => {
    const { channel, publish } = setUp();
    const [first] = await publish(1, 2, 3);
    const client = connect(channel, first);
    expect(client.writes).toEqual(["2, 3"]);
    await publish(4);
    endTurn();
    expect(client.writes).toEqual(["2, 3", "4"]);
  });

  it("H2: gets nothing, and no position, when it has missed nothing", async () => {
    const { channel, publish } = setUp();
    const [id] = await publish(1);
    expect(connect(channel, id).writes).toEqual([]);
  });

  it("H2: gets what another is being sent only once", async () => {
    const { channel, publish } = setUp();
    const first = connect(channel);
    const [id] = await publish(1, 2);
    const second = connect(channel, id);
    endTurn();
    expect(first.writes).toEqual(["position", "1, 2"]);
    expect(second.writes).toEqual(["2"]);
  });

  it("H2: reads its history in pages, as fast as it takes them", async () => {
    const { channel, publish } = setUp();
    const [first] = await publish("0", ..."123".split("").map((c) => c.repeat(60_000)));
    const client = new Connection(channel, first);
    client.waiting = 1;
    client.open();
    const sizes = () => client.writes.map((text) => text.length);
    expect(sizes()).toEqual([120_002]);
    client.take();
    expect(sizes()).toEqual([120_002, 60_000]);
    await publish("now");
    endTurn();
    expect(client.writes.at(-1)).toBe("now");
  });

  it.each([
    ["malformed", "what?"],
    ["malformed", "x".repeat(1_025)],
    ["unknown", "1.AAAAAAAA.7"],
  ])("H3: is told that it can't be resumed: %s", async (reason, cursor) => {
    const { channel, publish } = setUp();
    const [id] = await publish(1);
    const client = connect(channel, cursor);
    expect(client.writes).toEqual([`reset:${reason}`]);
    expect(client.events[0]).toEqual({
      event: "sluice.reset",
      id,
      data: { channels: ["c"], reason },
    });
    await publish(2);
    endTurn();
    expect(client.writes.at(-1)).toBe("2");
  });

  it("H3: is told that what it has missed was trimmed", async () => {
    const { channel, publish } = setUp({ history: { count: 2 } });
    const [first, second] = await publish(1, 2, 3, 4);
    expect(connect(channel, second).writes).toEqual(["3, 4"]);
    expect(connect(channel, first).writes).toEqual(["reset:trimmed"]);
  });

  it("H3: gets the reset and its state in one write, with one id", async () => {
    const { channel, publish } = setUp();
    const [id] = await publish(1);
    const onResync = vi.fn(() => Promise.resolve("state"));
    const snapshot = vi.fn(() => "snapshot");
    const client = connect(channel.subscribe({ onResync, snapshot }), "what?");
    await publish(2);
    await Promise.resolve();
    endTurn();
    expect(client.writes).toEqual(["reset:malformed, state", "2"]);
    expect(client.events.map((event) => event.id).slice(0, 2)).toEqual([id, id]);
    expect(onResync.mock.calls).toEqual([[undefined, id]]);
    expect(snapshot).not.toHaveBeenCalled();
  });

  it("H3: gets the snapshot after a reset where there is no onResync", () => {
    const { channel } = setUp();
    const client = connect(channel.subscribe({ snapshot: () => "state" }), "what?");
    expect(client.writes).toEqual(["reset:malformed, state"]);
  });

  it("H2: prefers the cursor of the subscription to the one of the request", async () => {
    const { channel, publish } = setUp();
    const [first, second] = await publish(1, 2, 3);
    expect(connect(channel.subscribe({ lastEventId: first }), second).writes).toEqual(["2, 3"]);
    expect(connect(channel.subscribe({ lastEventId: "" }), second).writes).toEqual(["position"]);
  });

  it("C3: is told the end of a channel after what it has missed", async () => {
    const { channel, channels, publish } = setUp();
    const [first] = await publish(1, 2);
    await channel.end();
    const client = connect(channel, first);
    expect([client.writes, client.log]).toEqual([["2"], ["<complete>"]]);
    expect(channels.active).toBe(0);
  });
});

describe("a slow client", () => {
  /** One that has taken the position, and nothing since. */
  async function behind(overflow: "disconnect" | "skip" | "latest", maxBufferedBytes = 1_000) {
    const made = setUp();
    const client = connect(made.channel.subscribe({ overflow, maxBufferedBytes }));
    client.waiting = SLOW;
    await made.publish("first");
    endTurn();
    await made.publish(...["a", "b", "c"].map((one) => one.repeat(600)));
    endTurn();
    expect(client.writes).toEqual(["position", "first"]);
    return { ...made, client };
  }

  it("H5: is disconnected by default, once", async () => {
    const { channels, client } = await behind("disconnect");
    vi.advanceTimersByTime(500);
    expect(client.log).toEqual(["<overflow>"]);
    expect(channels.active).toBe(0);
    vi.advanceTimersByTime(60_000);
    expect(client.log).toEqual(["<overflow>"]);
  });

  it("H5: with `skip` goes on with what comes, and is told how much it has missed", async () => {
    const { channel, client, publish } = await behind("skip");
    vi.advanceTimersByTime(500);
    expect(client.writes).toHaveLength(2);
    client.take();
    expect(client.writes.slice(2)).toEqual(["reset:skipped"]);
    expect(client.events.at(-1)!.data).toEqual({
      channels: ["c"],
      reason: "skipped",
      skipped: 3,
    });
    expect(channel.skipped).toBe(3);
    await publish("now");
    endTurn();
    expect(client.writes.slice(3)).toEqual(["now"]);
  });

  it("H5: with `latest` gets the newest event, and is told how much it has missed", async () => {
    const { channel, client } = await behind("latest");
    vi.advanceTimersByTime(500);
    client.take();
    expect(client.writes.slice(2)).toEqual(["reset:skipped", "c".repeat(600)]);
    expect(channel.skipped).toBe(2);
  });

  it("H5: that drains before the time is up gets all, and no reset", async () => {
    const { client } = await behind("skip", 10_000);
    vi.advanceTimersByTime(500);
    client.take();
    expect(client.writes.slice(2).join("")).toMatch(/^a{600}, b{600}, c{600}$/);
  });

  it("H5: that has stalled but missed nothing is told of no loss", async () => {
    const { channel, publish } = setUp();
    const onResync = vi.fn(() => "state");
    const client = connect(channel.subscribe({ overflow: "skip", onResync, stallTimeout: "1s" }));
    client.waiting = SLOW;
    await publish(1);
    endTurn();
    vi.advanceTimersByTime(5_000);
    client.take();
    await publish(2);
    endTurn();
    expect(client.writes).toEqual(["position", "1", "2"]);
    expect(onResync).not.toHaveBeenCalled();
  });

  it.each(["skip", "latest"] as const)(
    "H5: that stalls in its history goes on with what comes: %s",
    async (overflow) => {
      const { channel, publish } = setUp();
      const [first] = await publish("0", ..."12".split("").map((c) => c.repeat(70_000)), "newest");
      const client = new Connection(channel.subscribe({ overflow, stallTimeout: "1s" }), first);
      client.waiting = 1;
      client.open();
      expect(client.writes).toHaveLength(1);
      vi.advanceTimersByTime(1_500);
      client.take();
      const rest = overflow === "latest" ? ["reset:skipped", "newest"] : ["reset:skipped"];
      expect(client.writes.slice(1)).toEqual(rest);
    },
  );

  it("H5: that stalls in its history is disconnected", async () => {
    const { channel, publish } = setUp();
    const [first] = await publish("0", ..."12".split("").map((c) => c.repeat(70_000)));
    const client = new Connection(channel.subscribe({ stallTimeout: "1s" }), first);
    client.waiting = 1;
    client.open();
    vi.advanceTimersByTime(1_500);
    expect(client.log).toEqual(["<overflow>"]);
  });

  it("H5: brings up to date after a skip with onResync, in one write with the reset", async () => {
    const { channel, publish } = setUp();
    const client = connect(
      channel.subscribe({ overflow: "latest", maxBufferedBytes: 10, onResync: () => "state" }),
    );
    client.waiting = SLOW;
    await publish("first");
    endTurn();
    await publish("second", "third");
    endTurn();
    vi.advanceTimersByTime(500);
    client.take();
    // The newest still comes: the state may be older.
    expect(client.writes.slice(2)).toEqual(["reset:skipped, state", "third"]);
  });

  it("H4: leaves no timer when it has left", async () => {
    const { client, channels } = await behind("skip");
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    client.leave();
    expect(channels.active).toBe(0);
    await channels.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a filtered client", () => {
  const even = ({ data }: SseEvent) => Number(data) % 2 === 0;

  it("H2: gets exactly what passes, from history and live", async () => {
    const { channel, publish } = setUp();
    const [first] = await publish(1, 2, 3, 4);
    const client = connect(channel.subscribe({ filter: even }), first);
    await publish(5, 6);
    endTurn();
    expect(client.writes).toEqual(["2, 4", "6"]);
  });

  it("H2: shares the batch with the others where all of it passes", async () => {
    const { channel, publish } = setUp();
    const batches: Batch[] = [];
    for (const source of [channel, channel.subscribe({ filter: even })]) {
      const client = connect(source);
      vi.spyOn(client, "writeBatch").mockImplementation((batch) => (batches.push(batch), 0));
    }
    await publish(2, 4);
    endTurn();
    expect(batches).toHaveLength(2);
    expect(batches[0]).toBe(batches[1]);
  });

  it("H2: is told its position for each 256 events that are left out", async () => {
    const { channel, publish } = setUp();
    const client = connect(channel.subscribe({ filter: even }));
    const odd = Array.from({ length: 256 }, () => 1);
    await publish(...odd.slice(1));
    endTurn();
    expect(client.writes).toEqual(["position"]);
    const [id] = await publish(1);
    endTurn();
    expect(client.writes).toEqual(["position", "position"]);
    expect(client.events.at(-1)!.id).toBe(id);
  });

  it("C4: fails when its filter throws, and the others go on", async () => {
    const { channel, publish } = setUp();
    const other = connect(channel);
    const client = connect(
      channel.subscribe({
        filter: () => {
          throw new Error("broken");
        },
      }),
    );
    await publish(1);
    endTurn();
    expect(client.log).toEqual(["<fail Error: broken>"]);
    expect(other.writes).toEqual(["position", "1"]);
    expect(channel.subscribers).toBe(1);
  });

  it("C1: is written nothing more when it leaves in its own filter", async () => {
    const { channel, publish } = setUp();
    const client: Connection = connect(
      channel.subscribe({
        filter: () => {
          client.leave();
          return true;
        },
      }),
    );
    await publish(1);
    endTurn();
    expect(client.writes).toEqual(["position"]);
  });
});

describe("the end of a connection", () => {
  it("H4: leaves nothing behind", () => {
    const { broker, channel, channels } = setUp({ history: false });
    const clients = [connect(channel), connect(channel), new Connection(channel)];
    expect([channels.active, channel.subscribers, broker.channels]).toEqual([1, 2, 1]);
    for (const client of clients) client.leave();
    expect([channels.active, channel.subscribers, broker.channels]).toEqual([0, 0, 0]);
  });

  it("C1: by a signal is complete, and told once", async () => {
    const { channel, publish } = setUp();
    const controller = new AbortController();
    const client = connect(channel.subscribe({ signal: controller.signal }));
    controller.abort();
    await publish(1);
    endTurn();
    expect([client.writes, client.log]).toEqual([["position"], ["<complete>"]]);
    const late = connect(channel.subscribe({ signal: controller.signal }));
    expect([late.writes, late.log]).toEqual([[], ["<complete>"]]);
  });

  it("C1: that is told but not done yet is told nothing else", async () => {
    const { channel, channels, publish } = setUp();
    const controller = new AbortController();
    const filter = () => {
      throw new Error("broken");
    };
    const client = connect(channel.subscribe({ filter, signal: controller.signal }));
    // As a connection does whose onError takes its time.
    client.fail = (error) => void client.log.push(`<fail ${String(error)}>`);
    await publish(1);
    endTurn();
    controller.abort();
    client.take();
    await channels.dispose();
    expect(client.log).toEqual(["<fail Error: broken>"]);
    expect(client.writes).toEqual(["position"]);
  });

  it("C1: in its own snapshot writes nothing", () => {
    const { channel, channels } = setUp();
    const client: Connection = new Connection(
      channel.subscribe({
        snapshot: () => {
          client.leave();
          return "state";
        },
      }),
    );
    client.open();
    expect(client.writes).toEqual([]);
    expect(channels.active).toBe(0);
  });

  it("C1: while a snapshot is read writes nothing", async () => {
    const { channel } = setUp();
    const client = connect(channel.subscribe({ snapshot: () => Promise.resolve("state") }));
    client.leave();
    await Promise.resolve();
    await Promise.resolve();
    expect([client.writes, client.log]).toEqual([[], []]);
  });

  it("H4: by disposing comes after what was published", async () => {
    const { channel, channels, publish } = setUp();
    const client = connect(channel);
    await publish(1);
    await channels.dispose();
    expect([client.writes, client.log]).toEqual([["position", "1"], ["<complete>"]]);
    const late = connect(channel);
    expect(late.log[0]).toMatch(/^<fail SluiceError: The channel "c" can't be used any more/);
  });
});

describe("a broker that throws", () => {
  it.each(["follow", "read", "rewind"] as const)(
    "C4: makes the connection fail, and never its call: %s",
    async (method) => {
      const { broker, channel, publish } = setUp();
      const [first] = await publish(1, 2);
      vi.spyOn(broker, method).mockImplementation(() => {
        throw new Error("down");
      });
      const cursor = method === "read" ? first : undefined;
      const client = new Connection(channel.subscribe({ last: 1 }), cursor);
      expect(() => client.open()).not.toThrow();
      expect(client.log).toEqual(["<fail Error: down>"]);
    },
  );

  it("C4: makes a connection fail that goes on in its history", async () => {
    const { broker, channel, publish } = setUp();
    const [first] = await publish("0", ..."12".split("").map((c) => c.repeat(70_000)));
    const client = new Connection(channel, first);
    client.waiting = 1;
    client.open();
    vi.spyOn(broker, "read").mockImplementation(() => {
      throw new Error("down");
    });
    expect(() => client.take()).not.toThrow();
    expect(client.log).toEqual(["<fail Error: down>"]);
  });
});
