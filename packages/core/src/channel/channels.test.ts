import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TestSink } from "../../test/test-sink.js";
import { SluiceError } from "../errors.js";
import { ATTACH, type PushSource } from "../stream/push-source.js";
import type { Broker } from "./broker.js";
import { Channels, type ChannelsOptions } from "./channels.js";
import { MemoryBroker } from "./memory-broker.js";

/** A connection whose head is out. */
function connect(source: PushSource, lastEventId?: string): TestSink {
  const sink = new TestSink();
  sink.lastEventId = lastEventId;
  sink.attachment = source[ATTACH](sink);
  return sink.drain();
}

/** Control events by their names, others by their data. */
const told = ({ events }: TestSink) =>
  events.map(({ event, data }) => (event?.startsWith("sluice.") === true ? event : data));

/** Where a client is that comes and goes at once. */
function positionOf(source: PushSource): string | undefined {
  const sink = connect(source);
  sink.attachment.closed("client");
  return sink.events[0]!.id;
}

function refusal(act: () => unknown): { readonly code: string; readonly message: string } {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError);
    return error as SluiceError;
  }
  return expect.unreachable();
}

const endTurn = () => void vi.advanceTimersByTime(1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setImmediate", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  endTurn();
  vi.useRealTimers();
});

describe("the options of the channels", () => {
  it.each<[unknown, string, string]>([
    [null, "ERR_OPTION", "channels must be an object of options, not null."],
    ["redis", "ERR_OPTION", 'channels must be an object of options, not "redis".'],
    [{ brokr: 1 }, "ERR_OPTION", 'channels knows no option "brokr". It takes broker, history,'],
    [{ history: true }, "ERR_OPTION", "channels: history must be an object or false, not true."],
    [{ history: null }, "ERR_OPTION", "channels: history must be an object or false, not null."],
    [{ history: { size: 1 } }, "ERR_OPTION", 'channels: history knows no option "size".'],
    [{ history: { count: -1 } }, "ERR_OPTION", "channels: history.count must be a whole number"],
    [{ history: { bytes: 0.5 } }, "ERR_OPTION", "channels: history.bytes must be a whole number"],
    [{ history: { age: "old" } }, "ERR_DURATION", "channels: history.age must be"],
    [{ overflow: "drop-oldest" }, "ERR_OPTION", "channels: overflow must be"],
    [{ stallTimeout: -1 }, "ERR_DURATION", "channels: stallTimeout must be"],
  ])("are checked: %j", (options, code, message) => {
    const error = refusal(() => new Channels(options as ChannelsOptions));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it.each<[object, string]>([
    [{ snapshot: 1 }, 'The channel "c": snapshot must be a function, not 1.'],
    [{ onResync: {} }, 'The channel "c": onResync must be a function'],
    [
      { filter: () => true },
      'The channel "c" knows no option "filter". It takes history, snapshot,',
    ],
    [
      { history: { count: "5" } },
      'The channel "c": history.count must be a whole number, not "5".',
    ],
    [
      { maxBufferedBytes: Number.NaN },
      'The channel "c": maxBufferedBytes must be a whole number, not NaN.',
    ],
  ])("of one channel are checked: %j", (options, message) => {
    const error = refusal(() => new Channels().get("c", options));
    expect(error.code).toBe("ERR_OPTION");
    expect(error.message).toContain(message);
  });
});

describe("the name of a channel", () => {
  it.each([["a"], ["room:7"], ["ä 😀"], ["x".repeat(512)]])("may be %j", (name) => {
    expect(new Channels().get(name).name).toBe(name);
  });

  it.each([
    [""],
    ["a\nb"],
    ["a\u0000"],
    ["a\u0085"],
    ["\ud800"],
    ["x".repeat(513)],
    [7],
    [undefined],
  ])("may not be %j", (name) => {
    const error = refusal(() => new Channels().get(name as string));
    expect(error.code).toBe("ERR_CHANNEL");
    expect(error.message).toMatch(/^A channel's name must be a text of 1 to 512 characters/);
  });
});

describe("a merge", () => {
  it("H7: takes 1 to 32 different channels, in whatever order", () => {
    const channels = new Channels();
    const some = Array.from({ length: 33 }, (_, n) => channels.get(`c${n}`));
    expect(refusal(() => channels.merge()).message).toContain("1 to 32 channels, not 0");
    expect(refusal(() => channels.merge(...some))).toMatchObject({ code: "ERR_CHANNEL" });
    expect(channels.merge(...some.slice(1), some[1]!).channels).toHaveLength(32);
    expect(channels.merge(some[2]!, some[1]!, some[2]!).channels).toEqual(["c1", "c2"]);
    const strange = refusal(() => channels.merge({ name: "c" }));
    expect(strange).toMatchObject({ code: "ERR_CHANNEL" });
  });

  it("H7: is one hub for all who want the same channels, and one for each channel", () => {
    const channels = new Channels();
    const [a, b] = [channels.get("a"), channels.get("b")];
    const sinks = [connect(channels.merge(a, b)), connect(channels.merge(b, a)), connect(a)];
    expect(channels.active).toBe(3);
    expect([a.subscribers, b.subscribers]).toEqual([3, 2]);
    for (const sink of sinks) sink.attachment.closed("client");
    expect(channels.active).toBe(0);
  });

  it("H7: gives the events of all, each with an id from which all can be resumed", async () => {
    const channels = new Channels();
    const [a, b] = [channels.get("a"), channels.get("b")];
    const merged = channels.merge(a, b);
    const first = connect(merged);
    await a.publish("a1");
    await b.publish("b1");
    await a.publish("a2");
    endTurn();
    expect(told(first)).toEqual(["sluice.position", "a1", "b1", "a2"]);
    const ids = first.events.map(({ id }) => id);
    expect(told(connect(merged, ids[0]))).toEqual(["a1", "b1", "a2"]);
    expect(told(connect(merged, ids[1]))).toEqual(["b1", "a2"]);
    expect(told(connect(merged, ids[2]))).toEqual(["a2"]);
    expect(told(connect(merged, ids[3]))).toEqual([]);
  });

  it("H7: `last` counts for each of its channels", async () => {
    const channels = new Channels();
    const [a, b] = [channels.get("a"), channels.get("b")];
    for (const data of ["1", "2", "3"])
      for (const one of [a, b]) await one.publish(one.name + data);
    await b.end();
    const sink = connect(channels.merge(a, b).subscribe({ last: 2 }));
    expect(told(sink)).toEqual(["sluice.position", "a2", "a3", "b2", "b3"]);
  });

  it("H3: tells which of its channels could not be resumed, and resumes the others", async () => {
    const channels = new Channels({ history: { count: 1 } });
    const [a, b] = [channels.get("a"), channels.get("b")];
    const merged = channels.merge(a, b);
    const id = positionOf(merged);
    await b.publish("b1");
    await a.publish("a1");
    await a.publish("a2");
    endTurn();
    const sink = connect(merged, id);
    expect(sink.events.map(({ data }) => data)).toEqual([
      { channels: ["a"], reason: "trimmed" },
      "b1",
    ]);
    expect(told(connect(merged, "1.AAAAAAAA.1"))).toEqual(["sluice.reset"]);
  });

  it("H5, H7: with `latest` goes back in those of its channels only that were reset", async () => {
    const channels = new Channels({ history: { count: 1 } });
    const [a, b] = [channels.get("a"), channels.get("b")];
    const merged = channels.merge(a, b);
    const id = positionOf(merged);
    for (const data of ["1", "2"]) for (const one of [a, b]) await one.publish(one.name + data);
    const sink = connect(merged.subscribe({ overflow: "latest" }), id);
    expect(sink.events.map(({ data }) => data).slice(0, 2)).toEqual([
      { channels: ["a"], reason: "trimmed" },
      "a2",
    ]);
    expect(sink.events.map(({ data }) => data).slice(2)).toEqual([
      { channels: ["b"], reason: "trimmed" },
      "b2",
    ]);
  });

  it("H2, H7: tells its position at once to a client that did not have one of the channels", async () => {
    const channels = new Channels();
    const [a, b, c] = [channels.get("a"), channels.get("b"), channels.get("c")];
    const { id } = connect(channels.merge(a, b)).events[0]!;
    await a.publish("a1");
    await c.publish("c1");
    const wider = channels.merge(a, b, c);
    const sink = connect(wider, id);
    expect(told(sink)).toEqual(["sluice.position", "a1"]);
    await c.publish("c2");
    const again = connect(wider, sink.events[0]!.id);
    expect(told(again)).toEqual(["a1", "c2"]);
  });

  it("C3: ends when all its channels have, and goes on where one has ended", async () => {
    const channels = new Channels();
    const [a, b, c] = [channels.get("a"), channels.get("b"), channels.get("c")];
    const sink = connect(channels.merge(a, b));
    await a.end();
    await b.publish("b1");
    endTurn();
    expect(told(sink)).toEqual(["sluice.position", "b1"]);
    // A client that has seen the end of one comes to a merge that began before it.
    const wider = connect(channels.merge(a, b, c), sink.events[1]!.id);
    expect(told(wider)).toEqual(["sluice.position"]);
    await b.end();
    endTurn();
    expect(sink.log.at(-1)).toBe("<complete>");
    expect(connect(channels.merge(a, b), sink.events[1]!.id).log).toEqual(["<complete>"]);
  });

  it("C3: has failed when one of its channels has, whichever ended first", async () => {
    const channels = new Channels();
    const [a, b, c] = [channels.get("a"), channels.get("b"), channels.get("c")];
    const sinks = [connect(channels.merge(a, b)), connect(channels.merge(b, c))];
    await b.end("failed");
    for (const channel of [a, c]) await channel.end();
    endTurn();
    for (const sink of sinks) expect(sink.log.at(-1)).toBe("<complete failed>");
    expect(connect(channels.merge(a, b)).log.at(-1)).toBe("<complete failed>");
    expect(connect(channels.merge(a, c)).log.at(-1)).toBe("<complete>");
  });

  it("C3: was cancelled when one of its channels was and none has failed", async () => {
    const channels = new Channels();
    const [a, b, c] = [channels.get("a"), channels.get("b"), channels.get("c")];
    await a.end("cancelled");
    await b.end();
    await c.end("failed");
    expect(connect(channels.merge(a, b)).log.at(-1)).toBe("<complete cancelled>");
    expect(connect(channels.merge(a, b, c)).log.at(-1)).toBe("<complete failed>");
  });

  it("H7: finds a client's place that has seen an end which others have not", async () => {
    const broker = new MemoryBroker();
    const [here, there] = [new Channels({ broker }), new Channels({ broker })];
    const merge = (channels: Channels) => channels.merge(channels.get("a"), channels.get("b"));
    const early = connect(merge(here));
    await here.get("a").end();
    const { id } = connect(merge(there)).events[0]!;
    const late = connect(merge(here), id);
    await here.get("b").publish("b1");
    endTurn();
    expect([told(early), told(late)]).toEqual([["sluice.position", "b1"], ["b1"]]);
  });

  it("H2, H7: lacks nothing after its position that was published before it began", async () => {
    const broker = new MemoryBroker();
    const [here, there] = [new Channels({ broker }), new Channels({ broker })];
    const merge = (channels: Channels) => channels.merge(channels.get("a"), channels.get("b"));
    const a = here.get("a");
    let sink: TestSink | undefined;
    const filter = () => {
      if (sink === undefined) {
        // While the first is being sent.
        void a.publish("2");
        sink = connect(merge(here));
      }
      return true;
    };
    connect(a.subscribe({ filter }));
    await a.publish("1");
    endTurn();
    await a.publish("3");
    endTurn();
    const [position] = sink!.events;
    expect(told(sink!).slice(1)).toEqual(told(connect(merge(there), position!.id)));
    expect(told(sink!).at(-1)).toBe("3");
  });

  it("C4: fails when one of its channels can't be followed, and leaves nothing", async () => {
    const broker = new MemoryBroker();
    const channels = new Channels({ broker });
    const follow = broker.follow.bind(broker);
    vi.spyOn(broker, "follow").mockImplementation((channel, follower) => {
      if (channel === "b") throw new Error("down");
      return follow(channel, follower);
    });
    const sink = connect(channels.merge(channels.get("a"), channels.get("b")));
    expect(sink.log).toEqual(["<fail Error: down>"]);
    expect(channels.active).toBe(0);
    expect(broker.channels).toBe(0);
  });
});

describe("disposing", () => {
  it("H4: ends every subscription, closes the broker and leaves no timer", async () => {
    const broker = new MemoryBroker();
    const close = vi.spyOn(broker, "close");
    const channels = new Channels({ broker });
    const [a, b] = [channels.get("a"), channels.get("b")];
    const sinks = [connect(a), connect(channels.merge(a, b))];
    await a.publish("1");
    await channels.dispose();
    for (const sink of sinks) {
      expect(told(sink)).toEqual(["sluice.position", "1"]);
      expect(sink.log.at(-1)).toBe("<complete>");
    }
    expect(close).toHaveBeenCalledTimes(1);
    expect(channels.active).toBe(0);
    endTurn();
    expect(vi.getTimerCount()).toBe(0);
    await expect(a.publish("2")).rejects.toMatchObject({ code: "ERR_BROKER_CLOSED" });
  });

  it("waits for its broker", async () => {
    let closed = false;
    const broker = new MemoryBroker() as Broker;
    broker.close = async () => {
      await Promise.resolve();
      closed = true;
    };
    await new Channels({ broker }).dispose();
    expect(closed).toBe(true);
  });
});

describe("a broker that several use", () => {
  it("H6: carries events between them, and is closed with the last of them", async () => {
    const broker = new MemoryBroker();
    const close = vi.spyOn(broker, "close");
    const [one, two] = [new Channels({ broker }), new Channels({ broker })];
    const sink = new TestSink();
    sink.attachment = two.get("c")[ATTACH](sink);
    sink.drain();
    await one.get("c").publish("hello");
    await one.dispose();
    await one.dispose();
    expect(close).not.toHaveBeenCalled();
    await two.get("c").publish("again");
    await vi.waitFor(() =>
      expect(sink.events.slice(1).map(({ data }) => data)).toEqual(["hello", "again"]),
    );
    await two.dispose();
    expect(close).toHaveBeenCalledOnce();
  });

  it("is refused where it is none, as are channels that are others'", () => {
    for (const broker of [{}, { publish: () => "" }, null, "memory"]) {
      expect(() => new Channels({ broker } as never)).toThrow(
        expect.objectContaining({ code: "ERR_OPTION", message: expect.stringContaining("broker") }),
      );
    }
    const [mine, others] = [new Channels(), new Channels()];
    expect(() => new Channels(mine as never)).toThrow("provide them");
    expect(() => mine.merge(mine.get("a"), others.get("b"))).toThrow(
      '"b", which is of other Channels',
    );
    expect(() => mine.get("a", { last: 1 } as never)).toThrow("last is one of subscribe()");
  });
});
