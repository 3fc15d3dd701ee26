import { PassThrough, Readable } from "node:stream";
import { NEVER, Subject } from "rxjs";
import { describe, expect, it, vi } from "vitest";
import { Controller, Delete, Get, mapEvents, Post, SseStream } from "../index.js";
import { run } from "../../test/run.js";

/** What a route of a verb makes of a value that its handler returns, or resolves with. */
function answer(value: unknown): Promise<unknown> {
  @Controller()
  class Rooms {
    @Get() read(): unknown {
      return value;
    }
  }
  return run(Rooms);
}

async function* generator() {
  yield 1;
}

describe("a verb", () => {
  it.each<[string, () => unknown]>([
    ["an SseStream", () => new SseStream()],
    ["a mapped one", () => mapEvents(new SseStream(), (event) => event)],
    ["an async generator", () => generator()],
    ["an async iterable", () => mapEvents([1], (event) => event)],
    ["an observable", () => NEVER],
    ["a foreign observable", () => ({ subscribe: () => undefined })],
  ])("refuses %s as its answer, and a promise of it", async (_, make) => {
    for (const value of [make(), Promise.resolve(make())]) {
      await expect(answer(value)).rejects.toMatchObject({
        name: "SluiceError",
        code: "ERR_SOURCE",
        message: expect.stringMatching(
          /^Rooms\.read returned .* plain GET\. Make the route @Sse\(path\)/,
        ),
      });
    }
  });

  it("says how its own verb streams", async () => {
    @Controller()
    class Rooms {
      @Post() ask() {
        return generator() as unknown;
      }
      @Delete() drop() {
        return generator() as unknown;
      }
    }
    await expect(run(Rooms, {}, "ask")).rejects.toThrow(/plain POST.*method: "POST"/);
    await expect(run(Rooms, {}, "drop")).rejects.toThrow(/plain DELETE.*method: "POST"/);
  });

  it("closes the stream that it refuses, and subscribes to no observable", async () => {
    const stream = new SseStream();
    const onClose = vi.fn();
    stream.onClose(onClose);
    await expect(answer(stream)).rejects.toThrow(/Rooms\.read/);
    expect(onClose).toHaveBeenCalledTimes(1);
    await expect(answer(stream)).rejects.toThrow(/Rooms\.read/);
    const subject = new Subject();
    await expect(answer(subject)).rejects.toThrow(/Rooms\.read/);
    expect(subject.observed).toBe(false);
  });

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a text", "text"],
    ["an object", { data: 1 }],
    ["a list", [1]],
    ["a Map", new Map()],
    ["bytes", Buffer.from("x")],
    ["a Node stream", new PassThrough()],
    ["a readable of objects", Readable.from([1])],
    ["a web stream", new ReadableStream()],
    ["a Response", new Response("x")],
  ])("answers with %s as it is", async (_, value) => {
    expect(await answer(value)).toBe(value);
    expect(await answer(Promise.resolve(value))).toBe(value);
  });
});
