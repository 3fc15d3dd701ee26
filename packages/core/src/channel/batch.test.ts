import { describe, expect, it, vi } from "vitest";
import type { Frame } from "../frame.js";
import { Batch } from "./batch.js";
import type { Entry } from "./broker.js";
import { ControlFrame } from "./control-frame.js";

const entries: Entry[] = [1, 2, 3].map((n) => ({
  id: `i${n}`,
  kind: "json",
  text: `data: {"n":${n}}\n\n`,
}));
const n = (frame: Frame) => (frame.event.data as { n: number }).n;

describe("a batch", () => {
  it("H1: is one text with the ids of its entries", () => {
    const batch = Batch.ofEntries(entries);
    expect(batch.text).toBe(
      'id: i1\ndata: {"n":1}\n\nid: i2\ndata: {"n":2}\n\nid: i3\ndata: {"n":3}\n\n',
    );
    expect(batch.lastId).toBe("i3");
  });

  it("H1: makes its bytes and its frames once", () => {
    const batch = Batch.ofEntries(entries);
    expect(batch.bytes).toBe(batch.bytes);
    expect(batch.chunk).toBe(batch.chunk);
    expect(batch.frames).toBe(batch.frames);
    expect(batch.frames.map(n)).toEqual([1, 2, 3]);
    expect(batch.frames.map(({ text }) => text).join("")).toBe(batch.text);
  });

  it("H1: is itself when a filter lets all of it through", () => {
    const batch = Batch.ofEntries(entries);
    expect(batch.filter(() => true)).toBe(batch);
  });

  it("H2: has the id of the last frame that a filter has left", () => {
    const batch = Batch.ofEntries(entries).filter((frame) => n(frame) < 3)!;
    expect(batch.frames.map(n)).toEqual([1, 2]);
    expect(batch.lastId).toBe("i2");
    expect(batch.text).not.toContain("i3");
  });

  it("H2: is nothing when a filter lets nothing through", () => {
    expect(Batch.ofEntries(entries).filter(() => false)).toBeUndefined();
  });

  it("H2: passes on what a filter throws", () => {
    const passes = vi.fn(() => {
      throw new Error("broken");
    });
    expect(() => Batch.ofEntries(entries).filter(passes)).toThrow("broken");
    expect(passes).toHaveBeenCalledTimes(1);
  });

  it("H3: joins frames of Sluice's own", () => {
    const frames = [
      ControlFrame.reset({ channels: ["a"], reason: "lost", position: "i4" }),
      ControlFrame.position("i4"),
    ];
    const batch = Batch.ofFrames(frames, "i4");
    expect(batch.frames).toBe(frames);
    expect(batch.text).toBe(
      'event: sluice.reset\nid: i4\ndata: {"channels":["a"],"reason":"lost"}\n\n' +
        "event: sluice.position\nid: i4\ndata: {}\n\n",
    );
    expect(frames.every(({ isControl }) => isControl)).toBe(true);
    expect(frames[0]!.event).toEqual({
      event: "sluice.reset",
      id: "i4",
      data: { channels: ["a"], reason: "lost" },
    });
  });
});
