import type { SseEvent } from "@sluice/protocol";
import { describe, expect, it, vi } from "vitest";
import type { CloseReason } from "../close-reason.js";
import { PushIterator } from "./push-iterator.js";
import { ATTACH, type PushSource, type Sink } from "./push-source.js";
import { SseStream } from "./sse-stream.js";

/** A source that pushes whenever it is told to, whether or not it was asked to wait. */
class Raw implements PushSource {
  sink!: Sink;
  readonly drained = vi.fn();
  readonly closed = vi.fn<(reason: CloseReason) => void>();

  [ATTACH](sink: Sink): this {
    this.sink = sink;
    return this;
  }

  write(event: SseEvent): boolean {
    return this.sink.write(event, "");
  }
}

function raw(): { source: Raw; iterator: PushIterator } {
  const source = new Raw();
  return { source, iterator: new PushIterator(source) };
}

const value = (event: SseEvent) => ({ done: false, value: event });
const DONE = { done: true, value: undefined };

describe("next", () => {
  it("asks the source for one event, and to wait after it", async () => {
    const { source, iterator } = raw();
    expect(source.drained).not.toHaveBeenCalled();
    const step = iterator.next();
    expect(source.drained).toHaveBeenCalledTimes(1);
    expect(source.write({ data: 1 })).toBe(false);
    expect(await step).toEqual(value({ data: 1 }));
  });

  it("answers several waiting calls in their order, and asks for as many", async () => {
    const { source, iterator } = raw();
    const steps = [iterator.next(), iterator.next(), iterator.next()];
    expect([1, 2, 3].map((data) => source.write({ data }))).toEqual([true, true, false]);
    expect(await Promise.all(steps)).toEqual([1, 2, 3].map((data) => value({ data })));
  });

  it("loses nothing that a source writes although it was asked to wait", async () => {
    const { source, iterator } = raw();
    for (const data of [0, "", false, null]) expect(source.write({ data })).toBe(false);
    source.sink.complete();
    const steps = [1, 2, 3, 4, 5].map(() => iterator.next());
    expect(await Promise.all(steps)).toEqual([
      ...[0, "", false, null].map((data) => value({ data })),
      DONE,
    ]);
  });

  it("reads an SseStream whose events wait in the stream, under its bound", async () => {
    const stream = new SseStream({ maxBufferedBytes: 18, overflow: "drop-newest" });
    const iterator = new PushIterator(stream);
    expect([1, 2, 3].map((n) => stream.send(n))).toEqual([true, true, false]);
    stream.close();
    expect(await iterator.next()).toEqual(value({ data: 1 }));
    expect(await iterator.next()).toEqual(value({ data: 2 }));
    expect(await iterator.next()).toEqual(DONE);
    expect(stream.dropped).toBe(1);
  });
});

describe("the end", () => {
  it("answers every waiting call when the source completes, and tells the source", async () => {
    const { source, iterator } = raw();
    const steps = [iterator.next(), iterator.next()];
    source.sink.complete();
    expect(await Promise.all(steps)).toEqual([DONE, DONE]);
    expect(await iterator.next()).toEqual(DONE);
    expect(source.closed.mock.calls).toEqual([["complete"]]);
  });

  it("returns the outcome that the source tells, once and behind its events", async () => {
    const { source, iterator } = raw();
    source.write({ data: 1 });
    source.sink.complete("failed");
    source.sink.complete("done");
    const steps = [await iterator.next(), await iterator.next(), await iterator.next()];
    expect(steps).toEqual([value({ data: 1 }), { done: true, value: "failed" }, DONE]);
    expect(source.closed.mock.calls).toEqual([["error"]]);
    const left = raw();
    left.source.sink.complete("done");
    expect([await left.iterator.return(), await left.iterator.next()]).toEqual([DONE, DONE]);
  });

  it("rejects the first waiting call when the source fails, and ends the others", async () => {
    const { source, iterator } = raw();
    const steps = [iterator.next(), iterator.next()];
    source.sink.fail(new Error("broken"));
    expect(await Promise.allSettled(steps)).toEqual([
      { status: "rejected", reason: new Error("broken") },
      { status: "fulfilled", value: DONE },
    ]);
    expect(await iterator.next()).toEqual(DONE);
    expect(source.closed.mock.calls).toEqual([["error"]]);
  });

  it("keeps a failure, even of undefined, for the call after what was written before it", async () => {
    const { source, iterator } = raw();
    source.write({ data: 1 });
    source.sink.fail(undefined);
    expect(await iterator.next()).toEqual(value({ data: 1 }));
    await expect(iterator.next()).rejects.toBeUndefined();
    expect(await iterator.next()).toEqual(DONE);
  });

  it("C7: fails when the buffer was full, so that it does not pass for the end", async () => {
    const stream = new SseStream({ maxBufferedBytes: 9 });
    const onClose = vi.fn();
    stream.onClose(onClose);
    const iterator = new PushIterator(stream);
    stream.send(1);
    expect(stream.send(2)).toBe(false);
    await expect(iterator.next()).rejects.toMatchObject({ code: "ERR_STREAM_OVERFLOW" });
    expect(onClose.mock.calls).toEqual([["slow-consumer"]]);
  });

  it("throws at once what the source throws in place of a stream", () => {
    const stream = new SseStream();
    stream.fail(new Error("no such job"));
    expect(() => new PushIterator(stream)).toThrow("no such job");
  });
});

describe("return", () => {
  it("acts at once while next() waits", async () => {
    const { source, iterator } = raw();
    const step = iterator.next();
    expect(await iterator.return()).toEqual(DONE);
    expect(await step).toEqual(DONE);
    expect(source.closed.mock.calls).toEqual([["client"]]);
  });

  it("drops what was written, and what comes after it", async () => {
    const { source, iterator } = raw();
    source.write({ data: 1 });
    source.sink.fail(new Error("unheard"));
    await iterator.return();
    expect(source.write({ data: 2 })).toBe(false);
    source.sink.fail(new Error("late"));
    source.sink.overflow();
    expect(await iterator.next()).toEqual(DONE);
  });

  it("tells the source of its close once", async () => {
    const { source, iterator } = raw();
    await iterator.return();
    await iterator.return();
    source.sink.complete();
    expect(source.closed).toHaveBeenCalledTimes(1);
    const ended = raw();
    ended.source.sink.complete();
    await ended.iterator.return();
    expect(ended.source.closed.mock.calls).toEqual([["complete"]]);
  });
});

it("makes a warning of an error in a callback, for which it has no log", async () => {
  const warned = new Promise((resolve) => process.once("warning", resolve));
  const stream = new SseStream();
  stream.onClose(() => {
    throw new Error("in onClose");
  });
  await new PushIterator(stream).return();
  expect(await warned).toEqual(new Error("in onClose"));
});
