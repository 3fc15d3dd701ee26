import "reflect-metadata";
import { EventEmitter } from "node:events";
import { Controller, HttpError, Injectable, Sse, SseStream, type SseYield } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { testSse } from "@sluice/testing";
import { describe, expect, it } from "vitest";
import { makeApp, serve } from "../../packages/fastify/test/app.js";

describe("wire format", () => {
  it("no line break in any field lets a sender's text become another field or event", async () => {
    const stream = new SseStream();
    @Controller("chat")
    class ChatController {
      @Sse()
      chat() {
        return stream;
      }
    }
    await using client = await testSse(await serve(ChatController), "/chat");
    for (const lineBreak of ["\n", "\r", "\r\n", "\r\r", "\n\n"]) {
      const attack = `x${lineBreak}event: admin${lineBreak}data: owned${lineBreak}${lineBreak}`;
      expect(() => stream.send({ event: attack, data: 1 })).toThrow(/line break/);
      expect(() => stream.send({ id: attack, data: 1 })).toThrow(/control character|line break/);
      stream.sendComment(attack);
      stream.send({ event: "said", data: attack });
    }
    stream.close();
    const events = await client.rest();
    expect(events.map(({ event }) => event)).toEqual([
      ...Array.from({ length: 5 }, () => "said"),
      "sluice.end",
    ]);
    for (const { data } of events.slice(0, -1)) expect(data).toMatch(/^x\n+event: admin\n/);
  });

  it("nothing is lost in silence: each value of JSON arrives, and a value or an id that can't be sent throws", async () => {
    const stream = new SseStream();
    @Controller("values")
    class ValuesController {
      @Sse()
      values() {
        return stream;
      }
    }
    await using client = await testSse(await serve(ValuesController), "/values");
    const values = [0, 1.5, -1, true, false, null, "", "text", [], {}, { a: null }];
    for (const data of values) expect(stream.send({ data })).toBe(true);
    expect((await client.take(values.length)).map(({ data }) => data)).toEqual(
      values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))),
    );
    const refused: unknown[] = [
      ...[undefined, 1n, Symbol("s"), () => 1].map((data) => ({ data })),
      { id: 7, data: 1 },
      { id: null, data: 1 },
      { event: 7, data: 1 },
      { retry: "1000" },
      {},
      { message: "no field of an event" },
    ];
    for (const event of refused) expect(() => stream.send(event as SseYield)).toThrow();
    stream.close();
    expect(await client.rest()).toMatchObject([{ event: "sluice.end" }]);
  });

  it("no id is invented: events, comments, `retry` and keep-alive carry none, and the completion frame adds a mark to the last one", async () => {
    const streams: SseStream[] = [];
    @Controller("ids")
    class IdsController {
      @Sse("", { retry: 1000, keepAlive: 1 })
      ids() {
        const stream = new SseStream();
        streams.push(stream);
        return stream;
      }
    }
    const app = await serve(IdsController);
    await using none = await testSse(app, "/ids");
    await using own = await testSse(app, "/ids");
    await expect.poll(() => none.comments).toContain("keep-alive");
    streams[0]!.send({ event: "named", data: 1 });
    streams[1]!.send({ id: "7", data: 1 });
    for (const stream of streams) {
      stream.sendData(2);
      stream.close();
    }
    expect((await none.rest()).map(({ id }) => id)).toEqual([undefined, undefined, "#end"]);
    expect((await own.rest()).map(({ id }) => id)).toEqual(["7", undefined, "7#end"]);
  });

  it("Sluice makes no event called `error`, and tells nothing of what was thrown", async () => {
    @Controller("fails")
    class FailsController {
      @Sse("thrown")
      async *thrown() {
        yield "hello";
        throw new Error("the secret password");
      }

      @Sse("final")
      async *final() {
        yield "hello";
        throw new HttpError(410, "the secret password");
      }

      @Sse("stream")
      stream() {
        const stream = new SseStream();
        stream.sendData("hello");
        stream.fail(new Error("the secret password"));
        return stream;
      }
    }
    const app = await serve(FailsController);
    const received = async (path: string): Promise<string> => {
      await using client = await testSse(app, `/fails/${path}`);
      return client.text();
    };
    expect(await received("thrown")).toBe("data: hello\n\n");
    expect(await received("stream")).toBe("data: hello\n\n");
    expect(await received("final")).toBe(
      'data: hello\n\nevent: sluice.end\nid: #end\ndata: {"outcome":"failed"}\n\n',
    );
  });
});

describe("injection and tools", () => {
  it("`@Injectable()` is a singleton: what one controller emits, another's stream gets", async () => {
    @Injectable()
    class Bus extends EventEmitter<{ said: [string] }> {}
    @Controller("publisher")
    class PublisherController {
      constructor(readonly bus: Bus) {}

      @Sse(":text")
      *publish() {
        yield String(this.bus.emit("said", "hello"));
      }
    }
    @Controller("listener")
    class ListenerController {
      constructor(readonly bus: Bus) {}

      @Sse()
      listen() {
        const stream = new SseStream();
        this.bus.on("said", (text) => stream.sendData(text));
        return stream;
      }
    }
    const app = makeApp();
    await app.register(sluice, { controllers: [PublisherController, ListenerController] });
    await using listener = await testSse(app, "/listener");
    await using publisher = await testSse(app, "/publisher/now");
    expect((await publisher.next()).data).toBe("true");
    expect((await listener.next()).data).toBe("hello");
  });

  it("code that was compiled without decorator metadata is refused at the start, and the message names the remedy", async () => {
    class Service {}
    class PlainController {
      constructor(readonly service: Service) {}

      *events() {
        yield "never";
      }
    }
    // What such a compiler makes of the decorators: their calls, and no types beside them.
    Injectable()(Service);
    const { prototype } = PlainController;
    Sse()(prototype, "events", Object.getOwnPropertyDescriptor(prototype, "events")!);
    Controller("plain")(PlainController);
    const app = makeApp();
    app.register(sluice, { controllers: [PlainController] });
    await expect(app.listen({ host: "127.0.0.1", port: 0 })).rejects.toMatchObject({
      code: "ERR_NO_METADATA",
      message: expect.stringContaining("emitDecoratorMetadata"),
    });
  });
});
