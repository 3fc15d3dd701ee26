import { Buffer } from "node:buffer";
import { encode, event, type EventsOf, type SseEvent, SseEncodeError } from "@sluice/protocol";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { Frame } from "./frame.js";
import { mapEvents } from "./map-events.js";
import type { SourceItem } from "./source.js";

describe("Frame", () => {
  it("H1: encodes once, and makes each form of its bytes once", () => {
    const toJSON = vi.fn(() => "é\u{1f600}");
    const frame = Frame.of({ event: "tick", id: "1", data: { toJSON } });
    const text = 'event: tick\nid: 1\ndata: "é\u{1f600}"\n\n';
    expect(frame.text).toBe(text);
    expect(frame.bytes).toEqual(Buffer.from(text));
    expect(frame.bytes).toBe(frame.bytes);
    expect(frame.chunk).toBe(frame.chunk);
    expect(toJSON).toHaveBeenCalledTimes(1);
  });

  it("is one chunk of the chunked coding, its size in bytes and hexadecimal", () => {
    const frame = Frame.of("é".repeat(20));
    expect(frame.bytes).toHaveLength(48);
    expect(frame.chunk).toEqual(Buffer.from(`30\r\n${frame.text}\r\n`));
  });

  it("W4: holds data that was given alone as an event, and a comment as a comment", () => {
    for (const data of ["", 0, false, null, [1]]) {
      const frame = Frame.of(data);
      expect(frame.event).toEqual({ data });
      expect(frame.text).toBe(encode(data));
    }
    expect(Frame.of({ comment: "quiet" }).text).toBe(": quiet\n");
  });

  it("W3: throws for an illegal event", () => {
    expect(() => Frame.of({ event: "a\nb", data: 1 })).toThrow(SseEncodeError);
    expect(() => Frame.of({ data: undefined })).toThrow(SseEncodeError);
  });
});

describe("types", () => {
  type Room = { message: string; left: { user: string } };

  it("checks the event against the map, and types the one it holds", () => {
    const frame = Frame.of<Room>({ event: "left", data: { user: "a" } });
    expectTypeOf(frame).toEqualTypeOf<Frame<Room>>();
    expectTypeOf(Frame.of<{ message: string }>("hi").event).not.toExtend<string>();
    // @ts-expect-error: not its data
    Frame.of<Room>({ event: "left", data: 1 });
    // @ts-expect-error: no such event
    expect(Frame.of<Room>({ event: "joined", data: 1 }).text).toContain("joined");
  });

  it("is an item of a source whatever its map, and its event is an event", () => {
    expectTypeOf<Frame<Room>>().toExtend<SourceItem>();
    expectTypeOf<Frame<Room>>().toExtend<Frame>();
    expectTypeOf<Frame<Room>["event"]>().toExtend<Readonly<SseEvent>>();
    expectTypeOf(Frame.of("x")).toEqualTypeOf<Frame>();
  });

  it("tells a client which events a source of frames carries", () => {
    async function* ticks() {
      yield Frame.of<{ tick: { at: Date } }>(event("tick", { at: new Date(0) }));
      yield Frame.of<Room>("hi");
    }
    class Controller {
      list(): Frame<{ a: 1 }>[] {
        return [];
      }
      bare(): AsyncIterable<Frame> {
        return (async function* () {})();
      }
      async mixed() {
        return [Frame.of<{ a: 1 }>(event("a", 1)), event("b", "x")];
      }
      mapped() {
        return mapEvents([1], () => Frame.of<{ a: 1 }>(event("a", 1)));
      }
    }
    expectTypeOf<EventsOf<typeof ticks>>().toEqualTypeOf<{
      tick: { at: string };
      message: string;
      left: { user: string };
    }>();
    expectTypeOf<EventsOf<Controller["list"]>>().toEqualTypeOf<{ a: 1 }>();
    expectTypeOf<EventsOf<Controller["bare"]>>().toEqualTypeOf<{ [name: string]: unknown }>();
    expectTypeOf<EventsOf<Controller["mixed"]>>().toEqualTypeOf<{ a: 1; b: string }>();
    expectTypeOf<EventsOf<Controller["mapped"]>>().toEqualTypeOf<{ a: 1 }>();
  });
});
