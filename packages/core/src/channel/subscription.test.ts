import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SluiceError } from "../errors.js";
import { mapEvents } from "../map-events.js";
import { TestSink } from "../../test/test-sink.js";
import { toProducer } from "../source.js";
import { ATTACH } from "../stream/push-source.js";
import type { SubscribeOptions } from "./subscribe-options.js";
import { Channels } from "./channels.js";

/** What an iterated subscription gives next, which must not be over. */
async function taken<T>(iterator: AsyncIterator<T, unknown>): Promise<T> {
  const step = await iterator.next();
  if (step.done === true) throw new Error("It is over.");
  return step.value;
}

const endTurn = () => void vi.advanceTimersByTime(1);
const settle = async () => {
  for (let step = 0; step < 20; step++) await Promise.resolve();
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setImmediate", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  endTurn();
  vi.useRealTimers();
});

describe("the options of a subscription", () => {
  it.each<[object, string, string]>([
    [{ last: -1 }, "ERR_OPTION", 'The subscription of "c": last must be a whole number, not -1.'],
    [{ last: 1.5 }, "ERR_OPTION", 'The subscription of "c": last must be a whole number, not 1.5.'],
    [
      { lastEventId: 7 },
      "ERR_OPTION",
      'The subscription of "c": lastEventId must be a text, not 7.',
    ],
    [
      { snapshot: "no" },
      "ERR_OPTION",
      'The subscription of "c": snapshot must be a function, not "no".',
    ],
    [{ onResync: 1 }, "ERR_OPTION", 'The subscription of "c": onResync must be a function, not 1.'],
    [
      { filter: true },
      "ERR_OPTION",
      'The subscription of "c": filter must be a function, not true.',
    ],
    [
      { limit: 1 },
      "ERR_OPTION",
      'The subscription of "c" knows no option "limit". It takes lastEventId, last,',
    ],
    [
      { overflow: "drop" },
      "ERR_OPTION",
      'The subscription of "c": overflow must be "disconnect" or "skip" or "latest", not "drop".',
    ],
    [
      { maxBufferedBytes: -1 },
      "ERR_OPTION",
      'The subscription of "c": maxBufferedBytes must be a whole number, not -1.',
    ],
    [{ stallTimeout: "soon" }, "ERR_DURATION", 'The subscription of "c": stallTimeout must be'],
  ])("are checked when it is made: %j", (options, code, message) => {
    let error: unknown;
    try {
      new Channels().get("c").subscribe(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SluiceError);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toContain(message);
  });

  it("may all be left out or undefined", () => {
    const channel = new Channels().get("c");
    expect(() => channel.subscribe({ lastEventId: undefined, signal: undefined })).not.toThrow();
  });
});

describe("a subscription that is iterated", () => {
  it("gives frames from when the first is asked for, and Sluice's own among them", async () => {
    const channels = new Channels();
    const channel = channels.get("c");
    const iterator = channel.subscribe()[Symbol.asyncIterator]();
    expect(channels.active).toBe(0);
    const position = await taken(iterator);
    expect(channels.active).toBe(1);
    expect([position.isControl, position.event.event]).toEqual([true, "sluice.position"]);
    const { id } = await channel.publish({ data: { n: 1 } });
    endTurn();
    const frame = await taken(iterator);
    expect([frame.isControl, frame.event, frame.text]).toEqual([
      false,
      { id, data: { n: 1 } },
      `id: ${id}\ndata: {"n":1}\n\n`,
    ]);
    await iterator.return!();
    expect(channels.active).toBe(0);
  });

  it("H2: goes on after an id, with no position", async () => {
    const channel = new Channels().get("c");
    const { id } = await channel.publish("1");
    await channel.publish("2");
    const iterator = channel.subscribe({ lastEventId: id })[Symbol.asyncIterator]();
    expect((await taken(iterator)).event.data).toBe("2");
    await iterator.return!();
  });

  it("C1: is over when its signal is aborted, even while it waits", async () => {
    const channels = new Channels();
    const controller = new AbortController();
    const subscription = channels.get("c").subscribe({ signal: controller.signal });
    const iterator = subscription[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    controller.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(channels.active).toBe(0);
  });

  it("C3: is over after the last event of an ended channel", async () => {
    const channel = new Channels().get("c");
    const seen: unknown[] = [];
    await channel.publish("1");
    await channel.publish("2");
    await channel.end();
    for await (const frame of channel.subscribe({ last: 5 })) {
      if (!frame.isControl) seen.push(frame.event.data);
    }
    expect(seen).toEqual(["1", "2"]);
  });

  it.each(["done", "failed", "cancelled"] as const)(
    "C3: is over when its channel was ended as %s, and `yield*` gives that",
    async (outcome) => {
      const channel = new Channels().get("c");
      const told: unknown[] = [];
      const listen = async function* () {
        told.push(yield* channel.subscribe());
      };
      const listening = listen();
      await listening.next();
      const step = listening.next();
      await channel.end(outcome);
      endTurn();
      expect(await step).toEqual({ done: true, value: undefined });
      // Who comes later gets the same.
      const late = channel.subscribe()[Symbol.asyncIterator]();
      await taken(late);
      expect([await late.next(), await late.next()]).toEqual([
        { done: true, value: outcome },
        { done: true, value: undefined },
      ]);
      expect(told).toEqual([outcome]);
    },
  );

  it("H5: throws when it asks too slowly, after what it has been given", async () => {
    const channel = new Channels().get("c");
    const iterator = channel.subscribe({ maxBufferedBytes: 100_000 })[Symbol.asyncIterator]();
    await iterator.next();
    for (let n = 0; n < 5; n++) {
      await channel.publish("x".repeat(70_000));
      endTurn();
    }
    vi.advanceTimersByTime(500);
    const given = await taken(iterator);
    expect(given.event.data).toHaveLength(70_000);
    await expect(iterator.next()).rejects.toMatchObject({ code: "ERR_STREAM_OVERFLOW" });
    expect((await iterator.next()).done).toBe(true);
  });

  it("H1: gives everyone the same frames, encoded once, through whatever generators they go", async () => {
    const channel = new Channels().get("c");
    const through = async function* () {
      yield { comment: "welcome" };
      yield* channel.subscribe();
    };
    const iterators = [through(), through(), channel.subscribe()[Symbol.asyncIterator]()];
    // The welcome of the first two, and everyone's position.
    await Promise.all(iterators.slice(0, 2).map((iterator) => taken(iterator)));
    await Promise.all(iterators.map((iterator) => taken(iterator)));
    const asking = iterators.map((iterator) => taken(iterator));
    const toJSON = vi.fn(() => "encoded");
    const { id } = await channel.publish({ data: { toJSON } });
    endTurn();
    const frames = await Promise.all(asking);
    expect(new Set(frames).size).toBe(1);
    expect(frames[0]).toMatchObject({ text: `id: ${id}\ndata: "encoded"\n\n` });
    expect(toJSON).toHaveBeenCalledOnce();
    await Promise.all(iterators.map((iterator) => iterator.return!(undefined)));
  });

  it("H2: each use of it is one of its own", async () => {
    const channel = new Channels().get("c");
    const subscription = channel.subscribe();
    const iterators = [subscription, subscription].map((one) => one[Symbol.asyncIterator]());
    await Promise.all(iterators.map((iterator) => iterator.next()));
    expect(channel.subscribers).toBe(2);
    await Promise.all(iterators.map((iterator) => iterator.return!()));
    expect(channel.subscribers).toBe(0);
  });
});

describe("a channel whose events are mapped", () => {
  /** A mapped channel, and the answers of its mapper. */
  function mapped(options: SubscribeOptions = {}) {
    const channel = new Channels().get("c");
    const answers: (() => void)[] = [];
    const source = mapEvents(
      channel.subscribe(options),
      (event) =>
        new Promise<typeof event>((resolve) => {
          answers.push(() => resolve({ ...event, data: `mapped ${String(event.data)}` }));
        }),
    );
    const producer = toProducer(source, "Test");
    if (!("push" in producer)) return expect.unreachable();
    const sink = new TestSink();
    sink.attachment = producer.push[ATTACH](sink);
    return { channel, answers, sink };
  }

  it("H2: gives each event once and in order, and leaves Sluice's own as they are", async () => {
    const { channel, answers, sink } = mapped();
    sink.drain();
    expect(sink.events.map(({ event }) => event)).toEqual(["sluice.position"]);
    for (const data of ["1", "2", "3"]) await channel.publish({ data });
    endTurn();
    while (answers.length > 0) {
      answers.shift()!();
      await settle();
    }
    expect(sink.events.slice(1).map(({ data }) => data)).toEqual([
      "mapped 1",
      "mapped 2",
      "mapped 3",
    ]);
  });

  it("C1: is told nothing after a signal has ended it, while an event is still being mapped", async () => {
    const controller = new AbortController();
    const { channel, answers, sink } = mapped({
      signal: controller.signal,
      overflow: "skip",
      maxBufferedBytes: 0,
    });
    sink.drain();
    for (let n = 0; n < 4; n++) {
      await channel.publish("x".repeat(70_000));
      endTurn();
    }
    vi.advanceTimersByTime(500);
    controller.abort();
    const before = channel.skipped;
    while (answers.length > 0) {
      answers.shift()!();
      await settle();
    }
    sink.drain();
    expect(sink.log.filter((line) => line === "<complete>")).toHaveLength(1);
    expect(sink.log.at(-1)).toBe("<complete>");
    expect(sink.events.some(({ event }) => event === "sluice.reset")).toBe(false);
    expect(channel.skipped).toBe(before);
  });
});
