import { PassThrough, Readable } from "node:stream";
import { event, type EventsOf, type SseEvent } from "@sluice/protocol";
import { from, Subject } from "rxjs";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { Frame } from "./frame.js";
import { type EventMapper, mapEvents } from "./map-events.js";
import { type SourceItem, type SseSource, toProducer } from "./source.js";
import { MAX_STOP_STEPS } from "./stop-iterator.js";
import { SseStream } from "./stream/sse-stream.js";

const DONE = { done: true, value: undefined };

async function collect(source: AsyncIterable<SourceItem>): Promise<SourceItem[]> {
  const seen: SourceItem[] = [];
  for await (const item of source) seen.push(item);
  return seen;
}

const fail = (message: string): never => {
  throw new Error(message);
};

/** Starts to read. */
const read = (source: SseSource, map: EventMapper): AsyncIterator<SourceItem> =>
  mapEvents(source, map)[Symbol.asyncIterator]();

async function* counting(cleanUp?: () => void): AsyncGenerator<SourceItem> {
  try {
    for (let n = 1; ; n++) yield n;
  } finally {
    cleanUp?.();
  }
}

describe("mapping", () => {
  it("maps each event of any kind of source", async () => {
    function* sync(): Generator<SourceItem> {
      yield* [1, 2];
    }
    const stream = new SseStream();
    stream.send(1);
    stream.send(2);
    stream.close();
    const sources: SseSource[] = [
      [1, 2],
      sync(),
      Readable.from([1, 2]),
      new ReadableStream<number>({
        start(controller) {
          for (const n of [1, 2]) controller.enqueue(n);
          controller.close();
        },
      }),
      from([1, 2]),
      stream,
      mapEvents([1, 2], (event) => event),
    ];
    for (const source of sources) {
      const mapped = mapEvents(source, ({ data }) => ({ data: Number(data) * 10 }));
      expect(await collect(mapped)).toEqual([{ data: 10 }, { data: 20 }]);
    }
  });

  it("gives the mapper data that was yielded alone as { data }, and a frame as its event", async () => {
    const map = vi.fn((event: Readonly<SseEvent>) => event);
    await collect(mapEvents([0, "", false, null, [1], Frame.of(2), { id: "3" }], map));
    expect(map.mock.calls.map(([event]) => event)).toEqual([
      { data: 0 },
      { data: "" },
      { data: false },
      { data: null },
      { data: [1] },
      { data: 2 },
      { id: "3" },
    ]);
  });

  it("may give falsy data, a frame or a promise, and drops what it maps to undefined", async () => {
    const frame = Frame.of("shared");
    const results: (SourceItem | undefined | Promise<SourceItem | undefined>)[] = [
      0,
      undefined,
      null,
      Promise.resolve(undefined),
      Promise.resolve(""),
      frame,
      false,
    ];
    const mapped = mapEvents(results.keys(), ({ data }) => results[Number(data)]);
    expect(await collect(mapped)).toEqual([0, null, "", frame, false]);
  });

  it("starts the source when it is iterated, and not before", async () => {
    const subscribe = vi.fn(() => ({ unsubscribe: () => undefined }));
    const mapped = mapEvents({ subscribe }, (event) => event);
    expect(subscribe).not.toHaveBeenCalled();
    await mapped[Symbol.asyncIterator]().return?.();
    expect(subscribe).toHaveBeenCalledTimes(1);
  });

  it("keeps the order of calls that wait side by side, though some events are dropped or slow", async () => {
    const iterator = read([1, 2, 3, 4], async ({ data }) => {
      if (data === 1) await new Promise((resolve) => setImmediate(resolve));
      return data === 2 ? undefined : Number(data);
    });
    const steps = await Promise.all([
      iterator.next(),
      iterator.next(),
      iterator.next(),
      iterator.next(),
    ]);
    expect(steps.map((step) => step.value as unknown)).toEqual([1, 3, 4, undefined]);
    expect(steps.at(-1)).toEqual(DONE);
  });

  it("stays a source that is pulled, unless its source pushes", () => {
    const same: EventMapper = (event) => event;
    expect(toProducer(mapEvents([1], same), "Handler")).toHaveProperty("iterator");
    expect(toProducer(mapEvents(counting(), same), "Handler")).toHaveProperty("iterator");
    expect(toProducer(mapEvents(Readable.from([1]), same), "Handler")).toHaveProperty("iterator");
    expect(toProducer(mapEvents(new SseStream(), same), "Handler")).toHaveProperty("push");
    expect(toProducer(mapEvents(new Subject<number>(), same), "Handler")).toHaveProperty("push");
  });

  it("throws when it is iterated and the source is none", () => {
    const mapped = mapEvents("text" as never, (event) => event);
    expect(() => mapped[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: "ERR_SOURCE" }),
    );
  });
});

describe("return", () => {
  it("C1: reaches the source while next() waits, and that call ends", async () => {
    const stream = new SseStream();
    const subject = new Subject<SourceItem>();
    const node = new PassThrough({ objectMode: true });
    const cancel = vi.fn();
    const web = new ReadableStream<SourceItem>({ cancel });
    for (const source of [stream, subject, node, web] as SseSource[]) {
      const iterator = read(source, (event) => event);
      const step = iterator.next();
      expect(await iterator.return?.()).toEqual(DONE);
      expect(await step).toEqual(DONE);
      expect(await iterator.next()).toEqual(DONE);
    }
    expect(stream.isClosed()).toBe(true);
    expect(subject.observed).toBe(false);
    expect(node.destroyed).toBe(true);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it("reaches through two mappings", async () => {
    const stream = new SseStream();
    const inner = mapEvents(stream, (event) => event);
    const iterator = read(inner, (event) => event);
    const step = iterator.next();
    await iterator.return?.();
    expect(stream.isClosed()).toBe(true);
    expect(await step).toEqual(DONE);
  });

  it("runs a generator's finally when the loop is left", async () => {
    const cleanUp = vi.fn();
    for await (const item of mapEvents(counting(cleanUp), ({ data }) => ({ data }))) {
      expect(item).toEqual({ data: 1 });
      break;
    }
    expect(cleanUp).toHaveBeenCalledTimes(1);
  });

  it("C2: sees a source that yields in finally to its end, and maps nothing of that", async () => {
    let cleaned = false;
    async function* source(): AsyncGenerator<SourceItem> {
      try {
        yield 1;
      } finally {
        yield "secret";
        cleaned = true;
      }
    }
    const map = vi.fn((event: Readonly<SseEvent>) => event);
    const iterator = read(source(), map);
    await iterator.next();
    expect(await iterator.return?.()).toEqual(DONE);
    expect(cleaned).toBe(true);
    expect(map).toHaveBeenCalledTimes(1);
    expect(await iterator.next()).toEqual(DONE);
  });

  it("C2: rejects when the source refuses to end", async () => {
    function* source(): Generator<SourceItem> {
      try {
        yield 1;
      } finally {
        for (;;) yield 2;
      }
    }
    const iterator = read(source(), (event) => event);
    await iterator.next();
    await expect(iterator.return?.()).rejects.toMatchObject({
      code: "ERR_SOURCE",
      message: expect.stringContaining(String(MAX_STOP_STEPS)),
    });
  });

  it("drops the event that was being mapped, and does not map one that comes late", async () => {
    let open!: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const mapping = read([1], async (event) => {
      await gate;
      return event;
    });
    const mapped = mapping.next();
    const map = vi.fn((event: Readonly<SseEvent>) => event);
    async function* stuck(): AsyncGenerator<SourceItem> {
      await gate;
      yield 1;
    }
    const waiting = read(stuck(), map);
    const late = waiting.next();
    // The steps have begun by then.
    await new Promise((resolve) => setImmediate(resolve));
    const stopped = Promise.all([mapping, waiting].map(async (iterator) => iterator.return?.()));
    open();
    expect(await mapped).toEqual(DONE);
    expect(await late).toEqual(DONE);
    expect(await stopped).toEqual([DONE, DONE]);
    expect(map).not.toHaveBeenCalled();
  });
});

describe("errors", () => {
  it("stops the source when the mapper throws or rejects, and then ends", async () => {
    for (const map of [
      (): SourceItem => fail("in the mapper"),
      () => Promise.reject(new Error("in the mapper")),
    ]) {
      const cleanUp = vi.fn();
      const iterator = read(counting(cleanUp), map);
      const second = iterator.next().then(
        () => expect.unreachable(),
        (error: unknown) => {
          expect(error).toEqual(new Error("in the mapper"));
          return iterator.next();
        },
      );
      expect(await second).toEqual(DONE);
      expect(cleanUp).toHaveBeenCalledTimes(1);
    }
  });

  it("closes a stream whose mapper throws", async () => {
    const stream = new SseStream();
    const onClose = vi.fn();
    stream.onClose(onClose);
    stream.send(1);
    const iterator = read(stream, () => fail("in the mapper"));
    await expect(iterator.next()).rejects.toThrow("in the mapper");
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  it("gives the mapper's error, whatever the source throws while it stops", async () => {
    async function* source(): AsyncGenerator<SourceItem> {
      try {
        yield 1;
      } finally {
        fail("in finally");
      }
    }
    const iterator = read(source(), () => fail("in the mapper"));
    await expect(iterator.next()).rejects.toThrow("in the mapper");
    expect(await iterator.next()).toEqual(DONE);
  });

  it("passes on what the source throws, and then ends", async () => {
    function* source(): Generator<SourceItem> {
      yield 1;
      throw new Error("in the source");
    }
    const iterator = read(source(), (event) => event);
    await iterator.next();
    await expect(iterator.next()).rejects.toThrow("in the source");
    expect(await iterator.next()).toEqual(DONE);
  });

  it("C7: fails when the stream behind it overflows, so that it does not pass for the end", async () => {
    const stream = new SseStream({ maxBufferedBytes: 9 });
    const iterator = read(stream, (event) => event);
    stream.send(1);
    stream.send(2);
    await expect(iterator.next()).rejects.toMatchObject({ code: "ERR_STREAM_OVERFLOW" });
  });
});

describe("types", () => {
  it("tells a client what the mapper gives", () => {
    const source = new SseStream();
    class Controller {
      exact() {
        return mapEvents(source, ({ data }) => event("tick", { n: Number(data) }));
      }
      async some(flag: boolean) {
        return mapEvents(source, async ({ data }) => {
          if (data === undefined) return undefined;
          return flag ? event("a", 1) : event("b", "x");
        });
      }
      data() {
        return mapEvents(source, ({ data }) => ({ data: { text: String(data) } }));
      }
      same() {
        return mapEvents(source, (event) => event);
      }
    }
    expectTypeOf<EventsOf<Controller["exact"]>>().toEqualTypeOf<{ tick: { n: number } }>();
    expectTypeOf<EventsOf<Controller["some"]>>().toEqualTypeOf<{ a: number; b: string }>();
    expectTypeOf<EventsOf<Controller["data"]>>().toEqualTypeOf<{ message: { text: string } }>();
    expectTypeOf<EventsOf<Controller["same"]>>().toEqualTypeOf<{ [name: string]: unknown }>();
  });

  it("gives a source again, and takes a mapper of the general type", () => {
    const mapper: EventMapper = (event) => event;
    expectTypeOf(mapEvents([1], mapper)).toExtend<SseSource>();
    expectTypeOf(mapEvents([1], mapper)).toEqualTypeOf<AsyncIterable<SourceItem>>();
    expectTypeOf(mapEvents).toBeCallableWith([1], (event: SseEvent) => event);
  });
});
