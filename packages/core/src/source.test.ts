import { PassThrough, Readable } from "node:stream";
import { event } from "@sluice/protocol";
import { concat, from, NEVER, Observable, of, Subject, throwError } from "rxjs";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { Frame } from "./frame.js";
import {
  iterate,
  type SourceIterator,
  type SourceItem,
  type SseSource,
  toProducer,
} from "./source.js";
import { stopIterator } from "./stop-iterator.js";
import { ATTACH } from "./stream/push-source.js";
import { SseStream } from "./stream/sse-stream.js";

const DONE = { done: true, value: undefined };

async function collect(source: SseSource): Promise<unknown[]> {
  const iterator = iterate(source);
  const seen: unknown[] = [];
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
    seen.push(step.value);
  }
  return seen;
}

/** A web stream that notes how it was cancelled, and its controller. */
function webStream(): {
  stream: ReadableStream<SourceItem>;
  controller: ReadableStreamDefaultController<SourceItem>;
  cancel: ReturnType<typeof vi.fn>;
} {
  const cancel = vi.fn();
  let controller!: ReadableStreamDefaultController<SourceItem>;
  const stream = new ReadableStream<SourceItem>({
    start: (given) => void (controller = given),
    cancel,
  });
  return { stream, controller, cancel };
}

describe("a source", () => {
  it("may be an array, a sync generator, an async generator or another iterable", async () => {
    function* sync(): Generator<SourceItem> {
      yield* [1, 2];
    }
    async function* later(): AsyncGenerator<SourceItem> {
      yield* [1, 2];
    }
    for (const source of [[1, 2], sync(), later(), new Set([1, 2])]) {
      expect(await collect(source)).toEqual([1, 2]);
    }
  });

  it("may yield falsy values, frames and events", async () => {
    const items = [0, "", false, null, Frame.of(1), { id: "1", data: 2 }];
    expect(await collect(items)).toEqual(items);
  });

  it("may be an SseStream, which is not started by being made ready", async () => {
    const stream = new SseStream();
    expect(toProducer(stream, "Handler")).toEqual({ push: stream });
    stream.send(1);
    stream.close();
    expect(await collect(stream)).toEqual([{ data: 1 }]);
  });

  it("runs nothing before it is asked to", () => {
    const ran = vi.fn();
    function* sync(): Generator<SourceItem> {
      ran();
      yield 1;
    }
    toProducer(sync(), "Handler");
    toProducer(new Observable(ran), "Handler");
    expect(ran).not.toHaveBeenCalled();
  });

  it("is none when it is a string, a function, a promise, a frame or nothing", () => {
    const cases: [unknown, string][] = [
      [undefined, "undefined"],
      [null, "null"],
      ["text", "a string"],
      [7, "a number"],
      [() => [], "a function"],
      [{ data: 1 }, "an object of class Object"],
      [Object.create(null), "an object"],
      [Promise.resolve([]), "an object of class Promise"],
      [Frame.of(1), "an object of class Frame"],
    ];
    for (const [value, shown] of cases) {
      expect(() => toProducer(value, "Feed.join")).toThrow(
        expect.objectContaining({
          code: "ERR_SOURCE",
          message: expect.stringContaining(`Feed.join returned ${shown}, which is no source`),
        }),
      );
    }
  });
});

describe("a web stream", () => {
  it("gives its chunks and its end, and fails as it fails", async () => {
    const { stream: whole, controller: filled } = webStream();
    for (const item of ["a", 0]) filled.enqueue(item);
    filled.close();
    expect(await collect(whole)).toEqual(["a", 0]);
    const { stream, controller } = webStream();
    const iterator = iterate(stream);
    controller.error(new Error("broken"));
    await expect(iterator.next()).rejects.toThrow("broken");
  });

  it("C1: is cancelled at once, even while a read waits", async () => {
    const { stream, cancel } = webStream();
    const iterator = iterate(stream);
    const step = iterator.next();
    expect(await stopIterator(iterator)).toBe(true);
    expect(await step).toEqual(DONE);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it("is cancelled when it was never read", async () => {
    const { stream, cancel } = webStream();
    await iterate(stream).return?.();
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it("is refused when something else reads it", () => {
    const { stream } = webStream();
    stream.getReader();
    expect(() => toProducer(stream, "Feed.join")).toThrow(
      /Feed\.join returned a ReadableStream that/,
    );
  });
});

describe("a Node stream", () => {
  it("gives its objects, or its text", async () => {
    const items = [1, "a", { event: "tick", data: 2 }];
    expect(await collect(Readable.from(items))).toEqual(items);
    const text = new PassThrough({ encoding: "utf8" });
    text.end("é");
    expect(await collect(text)).toEqual(["é"]);
  });

  it("fails as it fails", async () => {
    const stream = new PassThrough({ objectMode: true });
    const iterator = iterate(stream);
    const step = iterator.next();
    stream.destroy(new Error("broken"));
    await expect(step).rejects.toThrow("broken");
  });

  it("C1: is destroyed at once, even while a read waits, and the read ends without an error", async () => {
    const stream = new PassThrough({ objectMode: true });
    const iterator = iterate(stream);
    const step = iterator.next();
    const stopped = stopIterator(iterator);
    expect(stream.destroyed).toBe(true);
    expect(await stopped).toBe(true);
    expect(await step).toEqual(DONE);
  });

  it("C1: is freed by the producer's release, after which the iterator stops", async () => {
    const stream = new PassThrough({ objectMode: true });
    const producer = toProducer(stream, "Handler") as {
      iterator: SourceIterator;
      release: () => void;
    };
    const step = producer.iterator.next();
    producer.release();
    expect(await stopIterator(producer.iterator)).toBe(true);
    expect(await step).toEqual(DONE);
  });

  it("may fail while it is destroyed: nobody is left to hear it", async () => {
    const closed = vi.fn();
    const stream = new Readable({
      objectMode: true,
      read: () => undefined,
      destroy: (_error, callback) => callback(new Error("while closing")),
    }).once("close", closed);
    expect(await stopIterator(iterate(stream))).toBe(true);
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
    expect(stream.errored).toEqual(new Error("while closing"));
  });
});

describe("an observable", () => {
  it("is subscribed to when it is read, and unsubscribed from when the reader leaves", async () => {
    const subject = new Subject<SourceItem>();
    const producer = toProducer(subject, "Handler");
    expect(producer).toHaveProperty("push");
    expect(subject.observed).toBe(false);
    const iterator = iterate(subject);
    expect(subject.observed).toBe(true);
    const step = iterator.next();
    subject.next({ data: 1 });
    subject.next(Frame.of({ data: 2 }));
    expect(await step).toEqual({ done: false, value: { data: 1 } });
    expect(await iterator.next()).toEqual({ done: false, value: { data: 2 } });
    const waiting = iterator.next();
    await iterator.return?.();
    expect(await waiting).toEqual(DONE);
    expect(subject.observed).toBe(false);
  });

  it("may emit and complete while it is subscribed to", async () => {
    const teardown = vi.fn();
    const source = new Observable<SourceItem>((subscriber) => {
      for (const item of [0, "", false, null]) subscriber.next(item);
      subscriber.complete();
      return teardown;
    });
    expect(await collect(source)).toEqual([0, "", false, null].map((data) => ({ data })));
    expect(teardown).toHaveBeenCalledTimes(1);
    expect(await collect(of())).toEqual([]);
  });

  it("O1: that fails while it is subscribed to throws in place of a stream", () => {
    expect(() => iterate(throwError(() => new Error("no such job")))).toThrow("no such job");
    const refuses = {
      subscribe: () => {
        throw new Error("refused");
      },
    };
    expect(() => iterate(refuses)).toThrow("refused");
  });

  it("delivers what came before it failed", async () => {
    const source = concat(
      from([1, 2]),
      throwError(() => new Error("broken")),
    );
    const iterator = iterate(source);
    expect(await iterator.next()).toEqual({ done: false, value: { data: 1 } });
    expect(await iterator.next()).toEqual({ done: false, value: { data: 2 } });
    await expect(iterator.next()).rejects.toThrow("broken");
  });

  it("fails, and is unsubscribed from, when it emits what is no event", async () => {
    const subject = new Subject<SourceItem>();
    const iterator = iterate(subject);
    const step = iterator.next();
    subject.next({ event: "a\nb", data: 1 });
    await expect(step).rejects.toMatchObject({ code: "ERR_SSE_EVENT" });
    expect(subject.observed).toBe(false);
    const sync = concat(from([{ data: undefined } as SourceItem]), NEVER);
    expect(() => iterate(sync)).toThrow(expect.objectContaining({ code: "ERR_SSE_DATA" }));
  });

  it("C7: is bound by the limits of its connection from its first event on", () => {
    const attach = (overflow: "drop-oldest" | "disconnect"): string[] => {
      const producer = toProducer(from(["a", "b", "c"]), "Handler");
      const texts: string[] = [];
      if (!("push" in producer)) return texts;
      producer.push[ATTACH]({
        isClosed: false,
        limits: { maxBufferedBytes: 18, overflow },
        lastEventId: undefined,
        context: undefined,
        writeBatch: () => 0,
        tally: () => undefined,
        write: (_event, text) => texts.push(text) > 0,
        complete: () => undefined,
        fail: () => undefined,
        overflow: () => undefined,
        report: () => undefined,
      }).drained();
      return texts;
    };
    expect(attach("drop-oldest")).toEqual(["data: b\n\n", "data: c\n\n"]);
    expect(() => attach("disconnect")).toThrow(
      expect.objectContaining({ code: "ERR_STREAM_OVERFLOW" }),
    );
  });

  it("may be one by its Symbol.observable, by that name as a string, or by subscribe alone", async () => {
    const symbol = Symbol("observable");
    const stand = Object.assign(Symbol, { observable: symbol });
    try {
      expect(await collect({ [symbol]: () => of(1) } as unknown as SseSource)).toEqual([
        { data: 1 },
      ]);
      expect(await collect({ "@@observable": () => of(2) } as unknown as SseSource)).toEqual([
        { data: 2 },
      ]);
    } finally {
      Reflect.deleteProperty(stand, "observable");
    }
    const unsubscribe = vi.fn();
    const bare: SseSource = {
      subscribe: (observer) => {
        observer.next(3);
        observer.complete();
        return { unsubscribe };
      },
    };
    expect(await collect(bare)).toEqual([{ data: 3 }]);
    expect(unsubscribe).toHaveBeenCalledTimes(1);
  });
});

it("has a type that takes every kind of source", () => {
  expectTypeOf<SseStream<{ tick: 1 }>>().toExtend<SseSource>();
  expectTypeOf<Observable<SourceItem>>().toExtend<SseSource>();
  expectTypeOf<Subject<{ event: "tick"; data: number }>>().toExtend<SseSource>();
  expectTypeOf<ReadableStream<string>>().toExtend<SseSource>();
  expectTypeOf<Readable>().toExtend<SseSource>();
  expectTypeOf<Frame<{ tick: 1 }>[]>().toExtend<SseSource>();
  expectTypeOf([event("tick", 1)]).toExtend<SseSource>();
  expectTypeOf<undefined>().not.toExtend<SseSource>();
  expectTypeOf<Promise<string[]>>().not.toExtend<SseSource>();
});
