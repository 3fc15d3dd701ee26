import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TestSink } from "../../test/test-sink.js";
import { Frame } from "../frame.js";
import { ATTACH, type PushSource } from "../stream/push-source.js";
import { Channels, type ChannelsOptions } from "./channels.js";
import { MemoryBroker } from "./memory-broker.js";

/** A connection whose head is out. */
function connect(source: PushSource): TestSink {
  const sink = new TestSink();
  sink.attachment = source[ATTACH](sink);
  return sink.drain();
}

function setUp(options: ChannelsOptions = {}) {
  const broker = new MemoryBroker();
  const channels = new Channels({ broker, ...options });
  return { broker, channels, channel: channels.get("c") };
}

const endTurn = () => void vi.advanceTimersByTime(1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setImmediate", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  endTurn();
  vi.useRealTimers();
});

describe("publishing", () => {
  it("answers with the event's id and how many connections of this process it goes to", async () => {
    const { channels, channel } = setUp();
    expect(await channel.publish("0")).toEqual({
      id: expect.stringMatching(/^1\..{8}\.1$/) as string,
      local: 0,
    });
    const sinks = [
      connect(channel),
      connect(channel),
      connect(channels.merge(channel, channels.get("d"))),
    ];
    const { id, local } = await channel.publish("1");
    expect(local).toBe(3);
    expect(channel.subscribers).toBe(3);
    expect(channels.get("d").subscribers).toBe(1);
    endTurn();
    expect(sinks[0]!.events.at(-1)).toMatchObject({ id, data: "1" });
    for (const sink of sinks) sink.attachment.closed("client");
    expect([channel.subscribers, (await channel.publish("2")).local]).toEqual([0, 0]);
  });

  it("H1: encodes an event once, and a frame not at all", async () => {
    const { channel } = setUp();
    const sinks = [connect(channel), connect(channel)];
    const toJSON = vi.fn(() => ({ n: 1 }));
    const frame = Frame.of({ data: { toJSON } });
    await channel.publish(frame);
    await channel.publish({ data: { toJSON } });
    endTurn();
    expect(toJSON).toHaveBeenCalledTimes(2);
    for (const sink of sinks)
      expect(sink.events.slice(1).map(({ data }) => data)).toEqual([{ n: 1 }, { n: 1 }]);
  });

  it.each([
    ["W5", { id: "7", data: 1 }, "ERR_CHANNEL"],
    ["W4", { comment: "hi" }, "ERR_CHANNEL"],
    ["W3", { event: "a\nb", data: 1 }, "ERR_SSE_EVENT"],
    ["W5", { event: "sluice.end", data: 1 }, "ERR_SSE_RESERVED_EVENT"],
  ])(
    "%s: rejects what is no event for a channel, and stores nothing: %j",
    async (_w, event, code) => {
      const { broker, channel } = setUp();
      await expect(channel.publish(event as never)).rejects.toMatchObject({ code });
      expect(broker.channels).toBe(0);
    },
  );

  it("H6: rejects with what its broker fails with", async () => {
    const { broker, channel } = setUp();
    vi.spyOn(broker, "publish").mockImplementation(() => {
      throw new Error("full");
    });
    await expect(channel.publish("1")).rejects.toThrow("full");
    await expect(channel.end()).rejects.toThrow("full");
  });

  it("H4: keeps as much as the channel's own options say", async () => {
    const { channels } = setUp({ history: { count: 5 } });
    const small = channels.get("small", { history: { count: 1 } });
    const none = channels.get("none", { history: false });
    for (const channel of [small, none]) for (const data of ["1", "2"]) await channel.publish(data);
    expect(connect(small.subscribe({ last: 9 })).events.map(({ data }) => data)).toEqual([{}, "2"]);
    expect(connect(none.subscribe({ last: 9 })).events.map(({ data }) => data)).toEqual([{}]);
  });
});

describe("ending", () => {
  it("C3: completes who listens, and refuses what is published after it", async () => {
    const { channels, channel } = setUp();
    const sink = connect(channel);
    await channel.publish("1");
    await channel.end();
    endTurn();
    expect(sink.log.slice(-2)).toEqual([expect.stringContaining("data: 1"), "<complete>"]);
    await expect(channel.publish("2")).rejects.toMatchObject({ code: "ERR_CHANNEL_ENDED" });
    await expect(channel.end()).resolves.toBeUndefined();
    expect(channels.active).toBe(0);
  });

  it.each(["failed", "cancelled"] as const)(
    "C3: tells that it ended as %s to who listens and to who comes later, and the first outcome counts",
    async (outcome) => {
      const { channel } = setUp();
      const sink = connect(channel);
      await Promise.all([channel.end(outcome), channel.end("done")]);
      endTurn();
      await channel.end();
      const told = `<complete ${outcome}>`;
      expect(sink.log.at(-1)).toBe(told);
      expect(connect(channel).log.at(-1)).toBe(told);
      const lastEventId = sink.events.at(-1)!.id!;
      expect(connect(channel.subscribe({ lastEventId })).log).toEqual([told]);
    },
  );

  it("refuses an outcome that there is not", async () => {
    const { channel } = setUp();
    await expect(channel.end("lost" as never)).rejects.toMatchObject({
      code: "ERR_OPTION",
      message: 'The channel "c" can be ended as "done", "failed" or "cancelled", not as "lost".',
    });
    expect((await channel.publish("on")).id).toBeDefined();
  });

  it("C3, H4: leaves nothing of a channel when its time is over, although it was published to", async () => {
    const { broker, channel } = setUp({ history: { age: "1s" } });
    await channel.end();
    vi.advanceTimersByTime(60_000);
    await expect(channel.publish("late")).rejects.toMatchObject({ code: "ERR_CHANNEL_ENDED" });
    expect(broker.channels).toBe(0);
    vi.advanceTimersByTime(3_600_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a channel's own snapshot", () => {
  it("H2: is for those who join without a cursor, unless they ask for events of the past", async () => {
    const { channels } = setUp();
    const channel = channels.get("s", { snapshot: () => "state", onResync: () => "resync" });
    await channel.publish("1");
    const data = (source: PushSource) => connect(source).events.map((event) => event.data);
    expect(data(channel)).toEqual(["state"]);
    expect(data(channel.subscribe({ last: 1 }))).toEqual([{}, "1"]);
    expect(data(channel.subscribe({ snapshot: () => "own" }))).toEqual(["own"]);
    expect(data(channel.subscribe({ lastEventId: "what?" })).at(-1)).toBe("resync");
    expect(data(channel.subscribe({ lastEventId: "what?", snapshot: () => "own" })).at(-1)).toBe(
      "own",
    );
    expect(data(channels.merge(channel))).toEqual([{}]);
  });
});

describe("how slow its clients were", () => {
  it("H5: is counted as long as there are any", async () => {
    const { channel } = setUp();
    expect(channel.skipped).toBe(0);
    const sink = connect(channel.subscribe({ overflow: "skip", maxBufferedBytes: 10 }));
    sink.room = 0;
    await channel.publish("x".repeat(70_000));
    endTurn();
    for (const data of ["1", "2"]) await channel.publish(data);
    endTurn();
    vi.advanceTimersByTime(500);
    sink.drain();
    expect(channel.skipped).toBe(2);
    sink.attachment.closed("client");
    expect(channel.skipped).toBe(0);
  });
});
