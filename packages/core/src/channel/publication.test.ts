import { SseEncodeError } from "@sluice/protocol";
import { describe, expect, it } from "vitest";
import { SluiceError } from "../errors.js";
import { Frame } from "../frame.js";
import { ControlFrame } from "./control-frame.js";
import { EntryFrame } from "./entry-frame.js";
import { toEntry } from "./publication.js";

function refusal(value: Parameters<typeof toEntry>[1]): SluiceError {
  try {
    toEntry("room", value);
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError);
    return error as SluiceError;
  }
  return expect.unreachable();
}

describe("what is published", () => {
  it("H1: is stored as it stands on the wire, as JSON or as text", () => {
    expect(toEntry("room", { data: { n: 1 } })).toEqual({
      kind: "json",
      text: 'data: {"n":1}\n\n',
    });
    expect(toEntry("room", "a\nb")).toEqual({ kind: "text", text: "data: a\ndata: b\n\n" });
    expect(toEntry("room", 5)).toEqual({ kind: "json", text: "data: 5\n\n" });
    expect(toEntry("room", { event: "e", retry: 1, comment: "c", data: null })).toEqual({
      kind: "json",
      text: ": c\nevent: e\nretry: 1\ndata: null\n\n",
    });
  });

  it("H1: is not encoded again when it is a frame", () => {
    let reads = 0;
    const frame = Frame.of({ data: { toJSON: () => ++reads } });
    const { text } = toEntry("room", frame);
    expect(text).toBe(frame.text);
    toEntry("another", frame);
    expect(reads).toBe(1);
  });

  it.each([
    ["an event", { id: "7", data: 1 }],
    ["an event whose id is empty", { id: "", data: 1 }],
    ["a frame", Frame.of({ id: "7", data: 1 })],
    ["a frame of another channel", new EntryFrame({ id: "i1", kind: "json", text: "data: 1\n\n" })],
    ["a frame of Sluice's own", ControlFrame.position("i1")],
  ])("W5: has no id of its own: %s", (_what, value) => {
    const error = refusal(value);
    expect(error.code).toBe("ERR_CHANNEL");
    expect(error.message).toMatch(
      /^An event for the channel "room" has the id "\w*", but a channel gives its events their ids\. Leave it out/,
    );
  });

  it.each([[{ comment: "hi" }], [{ retry: 1 }], [Frame.of({ comment: "hi" })]])(
    "W4: has data: %j",
    (value) => {
      const error = refusal(value);
      expect(error.code).toBe("ERR_CHANNEL");
      expect(error.message).toContain('"room" has no data');
    },
  );

  it("W3, W5: is a legal event", () => {
    expect(() => toEntry("room", { event: "a\nb", data: 1 })).toThrow(SseEncodeError);
    expect(() => toEntry("room", { event: "sluice.reset", data: 1 })).toThrow(SseEncodeError);
    expect(() => toEntry("room", { data: undefined })).toThrow(SseEncodeError);
    expect(() => toEntry("room", {})).toThrow(SseEncodeError);
  });
});
