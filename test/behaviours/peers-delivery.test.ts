import "reflect-metadata";
import { Body, Controller, Ctx, LastEventId, Sse, SseStream, type Context } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { portOf, serve } from "../../packages/fastify/test/app.js";
import { nextOpened } from "../../packages/fastify/test/watch.js";

it("B35: what a client that reads slowly has not got yet still goes out after `close()`, to the last event", async () => {
  const stream = new SseStream({ maxBufferedBytes: 64 * 1_048_576 });
  @Controller("stream")
  class StreamController {
    @Sse()
    stream() {
      return stream;
    }
  }
  const opened = nextOpened();
  await using client = await testSse(await serve(StreamController), "/stream");
  await opened;
  client.pause();
  const block = "x".repeat(65_536);
  // More than the sockets take: the rest waits in the stream.
  let count = 0;
  while (stream.bufferedBytes < 1_048_576) stream.send({ id: String(++count), data: block });
  stream.close();
  client.resume();
  const events = await client.rest();
  expect(events.map(({ id }) => id)).toEqual([
    ...Array.from({ length: count }, (_, index) => String(index + 1)),
    `${count}#end`,
  ]);
});

it("B36: a burst of 50 events of 64 KiB arrives whole, with one `drain` listener at most", async () => {
  const burst = Array.from({ length: 50 }, (_, n) => String(n % 10).repeat(65_536));
  const listeners: number[] = [];
  @Controller("burst")
  class BurstController {
    @Sse("pulled")
    async *pulled(@Ctx() { reply }: Context) {
      const { socket } = reply.raw;
      const before = socket!.listenerCount("drain");
      for (const data of burst) {
        yield data;
        listeners.push(socket!.listenerCount("drain") - before);
      }
    }

    @Sse("pushed", { maxBufferedBytes: 8 * 1_048_576 })
    pushed(@Ctx() { reply }: Context) {
      const { socket } = reply.raw;
      const before = socket!.listenerCount("drain");
      const stream = new SseStream();
      setImmediate(() => {
        for (const data of burst) {
          stream.sendData(data);
          listeners.push(socket!.listenerCount("drain") - before);
        }
        stream.close();
      });
      return stream;
    }
  }
  const app = await serve(BurstController);
  for (const path of ["pulled", "pushed"]) {
    await using client = await testSse(app, `/burst/${path}`);
    expect((await client.take(50)).map(({ data }) => data)).toEqual(burst);
  }
  expect(listeners).toHaveLength(100);
  expect(Math.max(...listeners)).toBe(1);
});

it("B37: a POST with a JSON body is answered with a stream", async () => {
  @Controller("chat")
  class ChatController {
    @Sse("", { method: "POST" })
    async *chat(@Body("prompt") prompt: string) {
      for (const word of prompt.split(" ")) {
        yield { event: "token", data: word };
        await new Promise(setImmediate);
      }
    }
  }
  const app = await serve(ChatController);
  await using client = await testSse(app, "/chat", { body: { prompt: "how are you" } });
  expect(client.headers["content-type"]).toBe("text/event-stream");
  expect((await client.take(3)).map(({ data }) => data)).toEqual(["how", "are", "you"]);
});

it("B38: a handler sees the Last-Event-ID and sends only what comes later: over a restart of the server nothing is missed or repeated", async () => {
  @Controller("count")
  class CountController {
    @Sse()
    async *count(@LastEventId() last = "0") {
      for (let n = Number(last) + 1; ; n++) {
        yield { id: String(n), data: n };
        await new Promise(setImmediate);
      }
    }
  }
  const first = await serve(CountController);
  const port = await portOf(first);
  await using client = await testSse(first, "/count");
  const received = (await client.take(3)).map(({ json }) => json);
  await first.close();
  const second = await serve(CountController);
  await second.listen({ host: "127.0.0.1", port });
  await client.reconnect();
  received.push(...(await client.take(3)).map(({ json }) => json));
  expect(received).toEqual([1, 2, 3, 4, 5, 6]);
});

it("B39: polyfills may ask with `?lastEventId=` or `?evs_last_event_id=`; they get no padding, and an id may be refused by a schema", async () => {
  @Controller("feed")
  class FeedController {
    @Sse("", { onComplete: "reconnect" })
    *feed(@LastEventId() last = "none") {
      yield last;
    }

    @Sse("checked")
    *checked(@LastEventId(z.string().regex(/^\d+$/).optional()) last?: string) {
      yield last ?? "none";
    }
  }
  const app = await serve(FeedController);
  for (const name of ["lastEventId", "evs_last_event_id"]) {
    await using client = await testSse(app, `/feed?${name}=41&padding=true`);
    expect(await client.text()).toBe("data: 41\n\n");
  }
  await using distrusted = await testSse(app, "/feed/checked", { lastEventId: "41; drop" });
  expect(distrusted.status).toBe(400);
});

it("B40: the interval of the keep-alive comment is set for all routes, changed for one or turned off, and so is the `retry` at the beginning", async () => {
  @Controller("quiet")
  class QuietController {
    @Sse("plugin")
    plugin() {
      return new SseStream();
    }

    @Sse("own", { keepAlive: 1, retry: "2s" })
    own() {
      return new SseStream();
    }

    @Sse("off", { keepAlive: false })
    off() {
      return new SseStream();
    }
  }
  const app = await serve(QuietController, { keepAlive: 50 });
  await using off = await testSse(app, "/quiet/off");
  await using plugin = await testSse(app, "/quiet/plugin");
  await using own = await testSse(app, "/quiet/own");
  await expect.poll(() => plugin.comments.length).toBeGreaterThan(1);
  expect(own.comments.length).toBeGreaterThan(plugin.comments.length);
  expect(own.raw).toMatch(/^retry: 2000\n(: keep-alive\n)+$/);
  expect(plugin.raw).toMatch(/^(: keep-alive\n)+$/);
  expect(off.raw).toBe("");
});
