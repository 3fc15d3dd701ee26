import { event, type SseEvent, SseEncodeError } from "@sluice/protocol";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import type { EventsOf } from "@sluice/protocol";
import type { CloseReason } from "../close-reason.js";
import { Frame } from "../frame.js";
import { TestSink } from "../../test/test-sink.js";
import { ATTACH } from "./push-source.js";
import { SseStream, type SseStreamOptions } from "./sse-stream.js";

/** A stream with its connection; the head is not out yet. */
function attached(
  options?: SseStreamOptions,
  stream: SseStream = new SseStream(options),
): { stream: SseStream; sink: TestSink } {
  const sink = new TestSink();
  sink.attachment = stream[ATTACH](sink);
  return { stream, sink };
}

/** A stream whose connection takes events. */
function open(options?: SseStreamOptions): { stream: SseStream; sink: TestSink } {
  const pair = attached(options);
  pair.sink.drain();
  return pair;
}

/** A stream whose connection is full. */
function stalled(options?: SseStreamOptions): { stream: SseStream; sink: TestSink } {
  const pair = open(options);
  pair.sink.room = 1;
  pair.stream.send("first");
  return pair;
}

/** One event of this many bytes on the wire. */
const sized = (bytes: number, letter = "x"): string => letter.repeat(bytes - "data: \n\n".length);

describe("sending", () => {
  it("writes an event, data alone, and a comment at once when the connection takes them", () => {
    const { stream, sink } = open();
    expect(stream.send({ event: "tick", id: "1", data: { n: 1 } })).toBe(true);
    expect(stream.send(0)).toBe(true);
    expect(stream.sendData(null)).toBe(true);
    expect(stream.sendComment("quiet")).toBe(true);
    expect(sink.log).toEqual(['event: tick\nid: 1\ndata: {"n":1}', "0", "null", ": quiet"]);
    expect(sink.events).toEqual([
      { event: "tick", id: "1", data: { n: 1 } },
      { data: 0 },
      { data: null },
      { comment: "quiet" },
    ]);
    expect(stream.bufferedBytes).toBe(0);
  });

  it("W4: sends falsy values given alone as data", () => {
    const { stream, sink } = open();
    for (const value of [0, "", false, null]) stream.send(value);
    expect(sink.log).toEqual(["0", "", "false", "null"]);
  });

  it("C7: keeps what is sent before the connection is there, in order", () => {
    const stream = new SseStream();
    stream.send("a");
    stream.sendData("b");
    stream.sendComment("c");
    const { sink } = attached(undefined, stream);
    expect(sink.log).toEqual([]);
    stream.send("d");
    sink.drain();
    stream.send("e");
    expect(sink.log).toEqual(["a", "b", ": c", "d", "e"]);
  });

  it("sends a frame without encoding it again", () => {
    const toJSON = vi.fn(() => "once");
    const frame = Frame.of({ event: "tick", id: "7", data: { toJSON } });
    for (const { stream, sink } of [open(), stalled()]) {
      expect(stream.send(frame)).toBe(true);
      sink.drain();
      expect(sink.log.at(-1)).toBe('event: tick\nid: 7\ndata: "once"');
      expect(sink.events.at(-1)).toBe(frame.event);
    }
    expect(toJSON).toHaveBeenCalledTimes(1);
  });

  it("takes the text when it is sent: a change to the data afterwards does not reach the client", () => {
    const { stream, sink } = stalled();
    const state = { n: 1 };
    stream.send({ data: state });
    state.n = 2;
    sink.drain();
    expect(sink.log).toEqual(["first", '{"n":1}']);
  });

  it("W1: throws for an illegal event and sends nothing of it", () => {
    const { stream, sink } = open();
    expect(() => stream.send({ event: "a\nb", data: 1 })).toThrow(SseEncodeError);
    expect(() => stream.sendData(undefined)).toThrow(SseEncodeError);
    expect(() => stream.sendData(1n)).toThrow(SseEncodeError);
    stream.send("next");
    expect(sink.log).toEqual(["next"]);
  });

  it("does not send an event whose toJSON closes the stream", () => {
    const { stream, sink } = open();
    const toJSON = (): string => {
      stream.close();
      return "late";
    };
    expect(stream.send({ data: { toJSON } })).toBe(false);
    expect(sink.log).toEqual(["<complete>"]);
  });
});

describe("backpressure", () => {
  it("holds events back while the connection is full, and writes them in order afterwards", () => {
    const { stream, sink } = open();
    sink.room = 2;
    for (const n of [1, 2, 3, 4, 5]) stream.send(n);
    expect(sink.log).toEqual(["1", "2"]);
    expect(stream.bufferedBytes).toBe(3 * "data: 3\n\n".length);
    sink.drain(2);
    expect(sink.log).toEqual(["1", "2", "3", "4"]);
    stream.send(6);
    sink.drain();
    expect(sink.log).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(stream.bufferedBytes).toBe(0);
  });

  it("counts bytes of UTF-8, not characters", () => {
    const { stream } = stalled();
    stream.send("\u{1f600}é");
    expect(stream.bufferedBytes).toBe("data: \n\n".length + 6);
  });

  it("keeps the order when a write sends", () => {
    const { stream, sink } = attached();
    for (const n of [1, 2, 3]) stream.send(n);
    sink.duringWrite = (text) => {
      if (text.startsWith("data: 1")) expect(stream.send(4)).toBe(true);
      if (text.startsWith("data: 4")) expect(stream.send(5)).toBe(true);
    };
    sink.drain();
    expect(sink.log).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("does not lose a drain that comes before the write returns", () => {
    const { stream, sink } = open();
    sink.duringWrite = () => {
      sink.duringWrite = undefined;
      sink.room = 1;
      sink.attachment.drained();
    };
    stream.send(1);
    stream.send(2);
    expect(sink.log).toEqual(["1", "2"]);
  });

  it("writes nothing more when the connection closes in the middle of a drain", () => {
    const { stream, sink } = attached();
    for (const n of [1, 2, 3]) stream.send(n);
    sink.duringWrite = (text) => {
      if (text.startsWith("data: 2")) sink.attachment.closed("client");
    };
    sink.drain();
    expect(sink.log).toEqual(["1", "2"]);
    expect(stream.isClosed()).toBe(true);
    expect(stream.bufferedBytes).toBe(0);
    sink.attachment.drained();
    expect(sink.log).toEqual(["1", "2"]);
  });

  it("may drop the oldest in the middle of a drain, and skips nothing else", () => {
    const bytes = 20;
    const { stream, sink } = attached({ maxBufferedBytes: 3 * bytes, overflow: "drop-oldest" });
    for (const letter of "abc") stream.send(sized(bytes, letter));
    sink.duringWrite = (text) => {
      if (text.startsWith("data: a")) for (const letter of "def") stream.send(sized(bytes, letter));
    };
    sink.drain();
    expect(sink.log.map((text) => text[0])).toEqual(["a", "d", "e", "f"]);
    expect(stream.dropped).toBe(2);
  });
});

describe("overflow", () => {
  it("C7: disconnects by default, and takes nothing more", () => {
    const { stream, sink } = stalled({ maxBufferedBytes: 100 });
    const reasons: CloseReason[] = [];
    stream.onClose((reason) => void reasons.push(reason));
    expect(stream.send(sized(100))).toBe(true);
    expect(stream.bufferedBytes).toBe(100);
    expect(stream.send("x")).toBe(false);
    expect(sink.log).toEqual(["first", "<overflow>"]);
    expect(reasons).toEqual(["slow-consumer"]);
    expect(stream.bufferedBytes).toBe(0);
    sink.drain();
    expect(sink.log).toEqual(["first", "<overflow>"]);
  });

  it("closes by itself where the connection does not answer an overflow", () => {
    const stream = new SseStream({ maxBufferedBytes: 0 });
    const onClose = vi.fn();
    stream.onClose(onClose);
    stream[ATTACH]({
      isClosed: false,
      limits: {},
      lastEventId: undefined,
      context: undefined,
      write: () => true,
      writeBatch: () => 0,
      tally: () => undefined,
      complete: () => undefined,
      fail: () => undefined,
      overflow: () => undefined,
      report: () => undefined,
    });
    expect(stream.send("x")).toBe(false);
    expect(stream.isClosed()).toBe(true);
    expect(onClose.mock.calls).toEqual([["slow-consumer"]]);
  });

  it("C7: drops the oldest, counts them and reports each", () => {
    const drops: unknown[] = [];
    const { stream, sink } = stalled({
      maxBufferedBytes: 40,
      overflow: "drop-oldest",
      onDrop: (event, dropped) => void drops.push([(event.data as string)[0], dropped]),
    });
    for (const letter of "abcd") expect(stream.send(sized(20, letter))).toBe(true);
    expect(stream.send(sized(40, "e"))).toBe(true);
    expect(drops).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
      ["d", 4],
    ]);
    expect(stream.dropped).toBe(4);
    sink.drain();
    expect(sink.log.map((text) => text[0])).toEqual(["f", "e"]);
  });

  it("drops an event that is larger than the bound, and no other for its sake", () => {
    const { stream, sink } = stalled({ maxBufferedBytes: 40, overflow: "drop-oldest" });
    stream.send("kept");
    expect(stream.send(sized(41))).toBe(false);
    expect(stream.dropped).toBe(1);
    sink.drain();
    expect(sink.log).toEqual(["first", "kept"]);
  });

  it("tells a dropped event from an equal one that took its place", () => {
    const { stream } = stalled({ maxBufferedBytes: 20, overflow: "drop-oldest" });
    const again = { data: sized(20) };
    expect(stream.send(again)).toBe(true);
    expect(stream.send(again)).toBe(true);
    expect(stream.dropped).toBe(1);
  });

  it("C7: drops the newest, counts them and reports each", () => {
    const onDrop = vi.fn();
    const { stream, sink } = stalled({ maxBufferedBytes: 20, overflow: "drop-newest", onDrop });
    expect(stream.send(sized(20, "a"))).toBe(true);
    expect(stream.send("b")).toBe(false);
    expect(stream.send({ id: "9", data: "c" })).toBe(false);
    expect(onDrop.mock.calls).toEqual([
      [{ data: "b" }, 1],
      [{ id: "9", data: "c" }, 2],
    ]);
    sink.drain();
    expect(sink.log).toEqual(["first", sized(20, "a").trimEnd()]);
    expect(stream.send("d")).toBe(true);
  });

  it("takes the limits that it leaves open from its connection", () => {
    const { stream, sink } = stalled();
    sink.limits = { maxBufferedBytes: 20, overflow: "drop-newest" };
    expect(stream.send(sized(21))).toBe(false);
    expect(stream.dropped).toBe(1);
    const own = stalled({ maxBufferedBytes: 30, overflow: "drop-oldest" });
    own.sink.limits = { maxBufferedBytes: 20, overflow: "drop-newest" };
    expect(own.stream.send(sized(30))).toBe(true);
  });

  it("goes on when onDrop throws or rejects, and reports it", async () => {
    const { stream, sink } = stalled({
      maxBufferedBytes: 0,
      overflow: "drop-newest",
      onDrop: (event) => {
        if (event.data === "rejects") return Promise.reject(new Error("later"));
        throw new Error("at once");
      },
    });
    expect(stream.send("throws")).toBe(false);
    expect(stream.send("rejects")).toBe(false);
    await vi.waitFor(() => expect(sink.errors).toEqual([new Error("at once"), new Error("later")]));
    expect(stream.dropped).toBe(2);
  });

  it("lets onDrop send without calling itself for ever", () => {
    const seen: number[] = [];
    const { stream } = stalled({
      maxBufferedBytes: 20,
      overflow: "drop-oldest",
      onDrop: (_event, dropped) => {
        seen.push(dropped);
        stream.send(sized(20, "n"));
      },
    });
    stream.send(sized(20, "a"));
    expect(stream.send(sized(20, "b"))).toBe(true);
    expect(seen).toEqual([1]);
    expect(stream.dropped).toBe(2);
    stream.send(sized(20, "c"));
    expect(seen).toEqual([1, 3]);
  });

  it("lets onDrop close the stream", () => {
    const { stream, sink } = stalled({
      maxBufferedBytes: 20,
      overflow: "drop-oldest",
      onDrop: () => stream.close(),
    });
    stream.send(sized(20, "a"));
    expect(stream.send(sized(20, "b"))).toBe(true);
    expect(stream.send("c")).toBe(false);
    sink.drain();
    expect(sink.log).toEqual(["first", sized(20, "b"), "<complete>"]);
  });

  it("drops from a long queue in a time that grows with the drops alone", () => {
    const count = 100_000;
    const bytes = 16;
    const { stream, sink } = stalled({
      maxBufferedBytes: count * bytes,
      overflow: "drop-oldest",
    });
    const started = performance.now();
    for (let n = 0; n < 3 * count; n++) stream.send(sized(bytes));
    expect(stream.send(sized(count * bytes))).toBe(true);
    expect(stream.dropped).toBe(3 * count);
    sink.drain();
    expect(sink.log).toHaveLength(2);
    // Where each drop moves all that wait, this takes far longer.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("answers an overflow before the handler returned with an error, and keeps nothing", () => {
    const onClose = vi.fn();
    const stream = new SseStream({ maxBufferedBytes: 20 });
    stream.onClose(onClose);
    expect(stream.send(sized(20))).toBe(true);
    expect(stream.send("x")).toBe(false);
    expect(stream.bufferedBytes).toBe(0);
    expect(onClose.mock.calls).toEqual([["slow-consumer"]]);
    expect(() => attached(undefined, stream)).toThrow(
      expect.objectContaining({ code: "ERR_STREAM_OVERFLOW" }),
    );
  });

  it("refuses limits that are none", () => {
    for (const maxBufferedBytes of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new SseStream({ maxBufferedBytes })).toThrow(
        expect.objectContaining({ code: "ERR_OPTION" }),
      );
    }
    expect(() => new SseStream({ overflow: "drop" as "disconnect" })).toThrow(/overflow.*drop/);
  });
});

describe("closing", () => {
  it("C7: after the close, sending does nothing and returns false", () => {
    const { stream, sink } = open();
    stream.close();
    expect(stream.isClosed()).toBe(true);
    expect(stream.send("x")).toBe(false);
    expect(stream.send(Frame.of("x"))).toBe(false);
    expect(stream.sendData(undefined)).toBe(false);
    expect(stream.sendComment("x")).toBe(false);
    expect(sink.log).toEqual(["<complete>"]);
  });

  it("C7: closing twice is harmless, whoever does it", () => {
    const { stream, sink } = open();
    const onClose = vi.fn();
    stream.onClose(onClose);
    stream.close();
    stream.close();
    stream.fail(new Error("late"));
    sink.attachment.closed("client");
    expect(sink.log).toEqual(["<complete>"]);
    expect(onClose.mock.calls).toEqual([["complete"]]);
  });

  it("C1: runs each onClose once, with the reason, though another throws or rejects", async () => {
    const { stream, sink } = open();
    const reasons: CloseReason[] = [];
    stream.onClose(() => {
      throw new Error("at once");
    });
    stream.onClose(() => Promise.reject(new Error("later")));
    stream.onClose((reason) => void reasons.push(reason));
    sink.attachment.closed("shutdown");
    stream.close();
    expect(reasons).toEqual(["shutdown"]);
    await vi.waitFor(() => expect(sink.errors).toEqual([new Error("at once"), new Error("later")]));
  });

  it("C1: frees the connection before it runs onClose", () => {
    const { stream, sink } = open();
    stream.onClose(() => void sink.log.push("<onClose>"));
    stream.close();
    expect(sink.log).toEqual(["<complete>", "<onClose>"]);
  });

  it("C7: onClose after the close runs at once, with the reason of the close", () => {
    const { stream, sink } = open();
    sink.attachment.closed("expired");
    const onClose = vi.fn();
    stream.onClose(onClose);
    expect(onClose.mock.calls).toEqual([["expired"]]);
  });

  it("makes a warning of what a late onClose throws", async () => {
    const { stream } = open();
    stream.close();
    const warned = new Promise((resolve) => process.once("warning", resolve));
    stream.onClose(() => {
      throw new Error("nobody listens");
    });
    expect(await warned).toEqual(new Error("nobody listens"));
  });

  it("lets an onClose callback send, close, fail and register another", () => {
    const { stream, sink } = open();
    const inner = vi.fn();
    stream.onClose(() => {
      expect(stream.send("x")).toBe(false);
      stream.close();
      stream.fail(new Error("x"));
      stream.onClose(inner);
    });
    sink.attachment.closed("client");
    expect(inner.mock.calls).toEqual([["client"]]);
    expect(sink.log).toEqual([]);
  });

  it("writes what waits before it tells the end", () => {
    const { stream, sink } = stalled();
    stream.send("second");
    stream.close();
    expect(sink.log).toEqual(["first"]);
    expect(stream.isClosed()).toBe(true);
    sink.drain(1);
    expect(sink.log).toEqual(["first", "second", "<complete>"]);
  });

  it("writes what waits before it tells the failure", () => {
    const { stream, sink } = stalled();
    stream.send("second");
    stream.fail("broken");
    sink.drain();
    expect(sink.log).toEqual(["first", "second", "<fail broken>"]);
  });

  it("gives one reason, also when the client leaves before all of it went out", () => {
    const { stream, sink } = stalled();
    const onClose = vi.fn();
    stream.onClose(onClose);
    stream.send("second");
    stream.close();
    sink.attachment.closed("client");
    stream.onClose(onClose);
    expect(onClose.mock.calls).toEqual([["complete"], ["complete"]]);
    sink.drain();
    expect(sink.log).toEqual(["first"]);
  });

  it("tells the end after the write in which it was closed", () => {
    for (const end of ["close", "fail"] as const) {
      const { stream, sink } = attached();
      for (const n of [1, 2]) stream.send(n);
      sink.duringWrite = (text) => {
        if (!text.startsWith("data: 2")) return;
        if (end === "close") stream.close();
        else stream.fail("x");
        sink.log.push("<write returns>");
      };
      sink.drain();
      expect(sink.log).toEqual([
        "1",
        "2",
        "<write returns>",
        end === "close" ? "<complete>" : "<fail x>",
      ]);
    }
  });

  it("still writes what waits when it is closed in the middle of a drain", () => {
    const { stream, sink } = attached();
    for (const n of [1, 2, 3]) stream.send(n);
    sink.duringWrite = (text) => {
      if (text.startsWith("data: 1")) stream.close();
    };
    sink.drain();
    expect(sink.log).toEqual(["1", "2", "3", "<complete>"]);
  });

  it("tells no end before the head is out", () => {
    for (const end of ["close", "fail"] as const) {
      const { stream, sink } = attached();
      if (end === "close") stream.close();
      else stream.fail("x");
      expect(sink.log).toEqual([]);
      expect(stream.isClosed()).toBe(true);
      sink.drain();
      expect(sink.log).toEqual([end === "close" ? "<complete>" : "<fail x>"]);
    }
  });

  it("tells the end once, though the connection drains again before it closes", () => {
    const { stream, sink } = open();
    const fail = vi.spyOn(sink, "fail").mockImplementation(() => undefined);
    stream.fail("x");
    sink.drain();
    sink.drain();
    expect(fail).toHaveBeenCalledTimes(1);
  });

  it("completes when it was closed before the handler returned it", () => {
    const stream = new SseStream();
    stream.send("only");
    stream.close();
    const { sink } = attached(undefined, stream);
    sink.drain();
    expect(sink.log).toEqual(["only", "<complete>"]);
  });

  it("holds its connection no longer than the connection lives", () => {
    const { stream, sink } = open();
    const report = vi.spyOn(sink, "report");
    sink.attachment.closed("client");
    const late = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    stream.onClose(() => {
      throw new Error("late");
    });
    expect(late).toHaveBeenCalledTimes(1);
    late.mockRestore();
    expect(report).not.toHaveBeenCalled();
  });
});

describe("attaching", () => {
  it("O1: throws the failure in place of a stream when nothing was sent before it", () => {
    const stream = new SseStream();
    const error = new Error("no such job");
    stream.fail(error);
    expect(() => attached(undefined, stream)).toThrow(error);
  });

  it("delivers what was sent before a failure, as a generator would", () => {
    const stream = new SseStream();
    stream.send("a");
    stream.fail("x");
    const { sink } = attached(undefined, stream);
    sink.drain();
    expect(sink.log).toEqual(["a", "<fail x>"]);
  });

  it("serves one connection, and says so to a second, during the first and after it", () => {
    const { stream, sink } = open();
    const again = expect.objectContaining({
      code: "ERR_STREAM_IN_USE",
      message: expect.stringMatching(/one for each request.* a Set, .*onClose, and send to all/),
    });
    expect(() => attached(undefined, stream)).toThrow(again);
    expect(() => stream[Symbol.asyncIterator]()).toThrow(again);
    sink.attachment.closed("client");
    expect(() => attached(undefined, stream)).toThrow(again);
    expect(sink.log).toEqual([]);
  });
});

describe("iterating", () => {
  it("gives the events, data that was sent alone as { data }, until it is closed", async () => {
    const stream = new SseStream();
    stream.send("before");
    setImmediate(() => {
      stream.send("waited for");
      stream.send({ id: "1", data: 2 });
      stream.send(Frame.of(0));
      stream.close();
    });
    const seen: SseEvent[] = [];
    for await (const item of stream) seen.push(item);
    expect(seen).toEqual([
      { data: "before" },
      { data: "waited for" },
      { id: "1", data: 2 },
      { data: 0 },
    ]);
  });

  it("closes the stream when the loop is left", async () => {
    const stream = new SseStream();
    const onClose = vi.fn();
    stream.onClose(onClose);
    stream.send(1);
    for await (const item of stream) {
      expect(item).toEqual({ data: 1 });
      break;
    }
    expect(onClose.mock.calls).toEqual([["client"]]);
  });
});

describe("types", () => {
  type Room = { message: { text: string }; left: { user: string } };

  it("checks what is sent against the map", () => {
    const stream = new SseStream<Room>();
    stream.send({ data: { text: "hi" } });
    stream.send(event("left", { user: "a" }));
    stream.send(Frame.of<Room>({ event: "left", data: { user: "a" } }));
    stream.send(Frame.of<{ left: { user: string } }>(event("left", { user: "a" })));
    stream.sendData({ text: "hi" });
    // @ts-expect-error: no such event
    stream.send({ event: "joined", data: { user: "a" } });
    // @ts-expect-error: not its data
    stream.send(event("left", { user: 1 }));
    // @ts-expect-error: a frame of another event
    stream.send(Frame.of<{ joined: { user: string } }>(event("joined", { user: "a" })));
    // @ts-expect-error: a frame that may be another event
    stream.send(Frame.of<{ left: { user: string }; joined: 1 }>(event("joined", 1)));
    // @ts-expect-error: a frame of whatever event
    const whatever: Parameters<typeof stream.send>[0] = Frame.of({ data: 1 });
    stream.send(whatever);
    // @ts-expect-error: not the data of a message
    stream.sendData({ user: "a" });
    // @ts-expect-error: there is no message
    new SseStream<{ left: 1 }>().sendData(1);
    expect(stream.bufferedBytes).toBeGreaterThan(0);
  });

  it("takes anything without a map", () => {
    type Sent = Parameters<SseStream["send"]>[0];
    expectTypeOf<string | null | { event: string; data: Date } | Frame>().toExtend<Sent>();
    expectTypeOf<Frame<Room>>().toExtend<Sent>();
    expectTypeOf<Parameters<SseStream["sendData"]>[0]>().toBeUnknown();
    expectTypeOf<undefined>().not.toExtend<Sent>();
  });

  it("tells a client what a method's stream carries", () => {
    class Controller {
      join(): SseStream<{ tick: { at: Date }; message: string }> {
        return new SseStream();
      }
      async later() {
        return new SseStream<{ tick: 1 }>();
      }
      bare() {
        return new SseStream();
      }
    }
    expectTypeOf<EventsOf<Controller["join"]>>().toEqualTypeOf<{
      tick: { at: string };
      message: string;
    }>();
    expectTypeOf<EventsOf<Controller["later"]>>().toEqualTypeOf<{ tick: 1 }>();
    expectTypeOf<EventsOf<Controller["bare"]>>().toEqualTypeOf<{ [name: string]: unknown }>();
  });
});
