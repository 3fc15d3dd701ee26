import { of, Subject } from "rxjs";
import { describe, expect, it, vi } from "vitest";
import { Frame } from "../frame.js";
import { type EventMapper, mapEvents } from "../map-events.js";
import { type SourceItem, type SseSource, toProducer } from "../source.js";
import { TestSink } from "../../test/test-sink.js";
import { ATTACH, type Attachment, type Sink, type StreamLimits } from "./push-source.js";
import { SseStream } from "./sse-stream.js";

/** A connection, tied to a source that pushes. */
function connect(source: SseSource, limits: StreamLimits = {}): TestSink {
  const producer = toProducer(source, "Handler");
  if (!("push" in producer)) throw new Error("The source is pulled.");
  const sink = new TestSink();
  sink.limits = limits;
  sink.attachment = producer.push[ATTACH](sink);
  return sink;
}

const tenfold: EventMapper = ({ data }) => Number(data) * 10;

/** A mapper whose answers the test gives, and a way to wait until they are delivered. */
function byHand() {
  const calls: ((item: SourceItem | undefined) => void)[] = [];
  return {
    calls,
    map: (() => new Promise((resolve) => calls.push(resolve))) as EventMapper,
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

describe("a mapped source that pushes", () => {
  it.each(["client", "shutdown", "timeout", "slow-consumer"] as const)(
    "C1: tells the stream behind it that its connection closed: %s",
    (reason) => {
      const stream = new SseStream();
      const onClose = vi.fn();
      stream.onClose(onClose);
      const twice = mapEvents(mapEvents(stream, tenfold), tenfold);
      connect(twice).drain().attachment.closed(reason);
      expect(onClose.mock.calls).toEqual([[reason]]);
    },
  );

  it.each([
    ["drop-oldest", ["20", "30"]],
    ["drop-newest", ["10", "20"]],
    ["disconnect", ["<overflow>"]],
  ] as const)("C7: is bound by the limits of its route: %s", (overflow, expected) => {
    const stream = new SseStream();
    const sink = connect(mapEvents(stream, tenfold), { maxBufferedBytes: 18, overflow });
    for (const n of [1, 2, 3]) stream.send(n);
    expect(sink.drain().log).toEqual(expected);
  });

  it("C7: holds a mapped observable to them too", () => {
    const mapped = mapEvents(of(1, 2, 3), tenfold);
    const sink = connect(mapped, { maxBufferedBytes: 18, overflow: "drop-oldest" });
    expect(sink.drain().log).toEqual(["20", "30", "<complete>"]);
  });

  it("does not subscribe to an observable whose client has left", () => {
    const subject = new Subject<SourceItem>();
    const mapped = toProducer(mapEvents(subject, tenfold), "Handler");
    if (!("push" in mapped)) return expect.unreachable();
    const sink = connect(new SseStream());
    sink.isClosed = true;
    mapped.push[ATTACH](sink).closed("client");
    expect(subject.observed).toBe(false);
  });

  it("maps what was sent before and after the connection opened, in order, and then ends", () => {
    const stream = new SseStream();
    stream.send(1);
    const sink = connect(mapEvents(mapEvents(stream, tenfold), tenfold));
    expect(sink.log).toEqual([]);
    sink.drain();
    stream.send(2);
    stream.send(Frame.of(3));
    stream.close();
    expect(sink.log).toEqual(["100", "200", "300", "<complete>"]);
  });

  it("writes falsy data, and frames as they are, and drops what is mapped to undefined", () => {
    const frame = Frame.of({ comment: "shared" });
    const answers: (SourceItem | undefined)[] = [0, undefined, "", frame, false];
    const stream = new SseStream();
    const sink = connect(mapEvents(stream, ({ data }) => answers[Number(data)])).drain();
    for (const index of answers.keys()) stream.send(index);
    expect(sink.log).toEqual(["0", "", ": shared", "false"]);
  });

  it("fails as the source fails, after what was sent", () => {
    const stream = new SseStream();
    stream.send(1);
    const sink = connect(mapEvents(stream, tenfold));
    stream.fail(new Error("broken"));
    expect(sink.drain().log).toEqual(["10", "<fail Error: broken>"]);
  });

  it("O1: throws what the source answers in place of a stream", () => {
    const stream = new SseStream();
    stream.fail(new Error("no such job"));
    expect(() => connect(mapEvents(stream, tenfold))).toThrow("no such job");
  });

  it("reports what a callback of the stream throws", () => {
    const stream = new SseStream();
    const error = new Error("in onClose");
    stream.onClose(() => {
      throw error;
    });
    const sink = connect(mapEvents(stream, tenfold)).drain();
    sink.attachment.closed("client");
    expect(sink.errors).toEqual([error]);
  });
});

describe("backpressure", () => {
  it("C5: writes no more than the connection takes, and goes on when it drains", () => {
    const stream = new SseStream();
    const sink = connect(mapEvents(stream, tenfold)).drain(2);
    for (const n of [1, 2, 3, 4]) stream.send(n);
    expect(sink.log).toEqual(["10", "20"]);
    expect(stream.bufferedBytes).toBeGreaterThan(0);
    expect(sink.drain(1).log).toEqual(["10", "20", "30"]);
    expect(sink.drain().log).toEqual(["10", "20", "30", "40"]);
  });

  it("takes the next event when one is dropped, though the connection is told nothing", () => {
    const stream = new SseStream();
    for (const n of [1, 2, 3]) stream.send(n);
    const odd: EventMapper = ({ data }) => (Number(data) % 2 === 1 ? Number(data) : undefined);
    expect(connect(mapEvents(stream, odd)).drain(2).log).toEqual(["1", "3"]);
  });

  it("takes what a source writes although it was asked to wait, in order", async () => {
    const { calls, map, settled } = byHand();
    let sink!: Sink;
    const source = {
      [ATTACH](given: Sink): Attachment {
        sink = given;
        return { drained: vi.fn(), closed: vi.fn() };
      },
    };
    const test = connect(mapEvents(source, map)).drain();
    expect(sink.write({ data: 1 }, "data: 1\n\n")).toBe(false);
    expect(sink.write({ data: 2 }, "data: 2\n\n")).toBe(false);
    sink.complete("failed");
    expect(calls).toHaveLength(1);
    calls[0]!("a");
    await settled();
    calls[1]!("b");
    await settled();
    expect(test.log).toEqual(["a", "b", "<complete failed>"]);
  });
});

describe("a mapper that gives promises", () => {
  it("C5: is asked for one event at a time; the rest waits in the source, under its bound", async () => {
    const { calls, map, settled } = byHand();
    const stream = new SseStream({ maxBufferedBytes: 18, overflow: "drop-newest" });
    const sink = connect(mapEvents(stream, map)).drain();
    expect([1, 2, 3, 4].map((n) => stream.send(n))).toEqual([true, true, true, false]);
    expect(calls).toHaveLength(1);
    for (const [index, item] of ["a", undefined, "c"].entries()) {
      calls[index]!(item);
      await settled();
    }
    expect(sink.log).toEqual(["a", "c"]);
    expect(calls).toHaveLength(3);
  });

  it("C5: waits for a full connection before it asks for the next event", async () => {
    const { calls, map, settled } = byHand();
    const stream = new SseStream();
    const sink = connect(mapEvents(stream, map)).drain(1);
    stream.send(1);
    stream.send(2);
    calls[0]!("a");
    await settled();
    expect(calls).toHaveLength(1);
    sink.drain();
    expect(calls).toHaveLength(2);
    calls[1]!("b");
    await settled();
    expect(sink.log).toEqual(["a", "b"]);
  });

  it("goes on after a drain that comes while it works", async () => {
    const { calls, map, settled } = byHand();
    const stream = new SseStream();
    const sink = connect(mapEvents(stream, map)).drain();
    stream.send(1);
    stream.send(2);
    sink.drain();
    expect(calls).toHaveLength(1);
    calls[0]!("a");
    await settled();
    expect(calls).toHaveLength(2);
  });

  it("keeps the end, and a failure, behind the event that is being mapped", async () => {
    for (const [end, told] of [
      [(stream: SseStream) => stream.close(), "<complete>"],
      [(stream: SseStream) => stream.fail(new Error("broken")), "<fail Error: broken>"],
    ] as const) {
      const { calls, map, settled } = byHand();
      const stream = new SseStream();
      const sink = connect(mapEvents(mapEvents(stream, map), ({ data }) => data as string));
      sink.drain();
      stream.send(1);
      end(stream);
      expect(sink.log).toEqual([]);
      calls[0]!("last");
      await settled();
      expect(sink.log).toEqual(["last", told]);
    }
  });

  it("writes nothing that is ready only after the close, and hides a late rejection", async () => {
    let reject!: (error: Error) => void;
    const { calls, map, settled } = byHand();
    const failing: EventMapper = () => new Promise((_, no) => (reject = no));
    for (const mapper of [map, failing]) {
      const stream = new SseStream();
      const sink = connect(mapEvents(stream, mapper)).drain();
      stream.send(1);
      sink.attachment.closed("client");
      if (mapper === map) calls[0]!("late");
      else reject(new Error("aborted"));
      await settled();
      expect(sink.log).toEqual([]);
      expect(stream.isClosed()).toBe(true);
    }
  });
});

describe("a mapper that fails", () => {
  it.each<[string, EventMapper, RegExp]>([
    [
      "throws",
      () => {
        throw new Error("in the mapper");
      },
      /in the mapper/,
    ],
    ["rejects", () => Promise.reject(new Error("in the mapper")), /in the mapper/],
    ["gives no event", () => ({ event: "a\nb", data: 1 }), /line break/],
    ["resolves with no event", async () => ({ id: 7, data: 1 }) as never, /id/],
  ])(
    "fails the connection once and closes the source with the reason error when it %s",
    async (_, map, message) => {
      const stream = new SseStream();
      const onClose = vi.fn();
      stream.onClose(onClose);
      const sink = connect(mapEvents(stream, map)).drain();
      stream.send(1);
      stream.send(2);
      await vi.waitFor(() => expect(onClose.mock.calls).toEqual([["error"]]));
      expect(sink.log).toEqual([expect.stringMatching(message)]);
      expect(stream.send(3)).toBe(false);
    },
  );

  it("closes the source at once, though the connection still works on its last event", () => {
    const stream = new SseStream();
    const onClose = vi.fn();
    stream.onClose(onClose);
    const sink = connect(
      mapEvents(
        mapEvents(stream, () => JSON.parse("{") as string),
        tenfold,
      ),
    );
    sink.fail = (error) => void sink.log.push(String(error));
    sink.drain();
    stream.send(1);
    expect(onClose.mock.calls).toEqual([["error"]]);
    sink.attachment.closed("error");
    expect(onClose).toHaveBeenCalledTimes(1);
    expect(sink.log).toHaveLength(1);
  });
});
