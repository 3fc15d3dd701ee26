import "reflect-metadata";
import cors from "@fastify/cors";
import { Controller, Headers, Injectable, Param, Query, Sse, SseStream } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it } from "vitest";
import { makeApp, serve } from "../../packages/fastify/test/app.js";
import { http2Get } from "../../packages/fastify/test/http2-get.js";
import { exchange, get } from "../../packages/fastify/test/raw-connection.js";
import { Gate } from "../../packages/fastify/test/watch.js";

it("S1: an async generator is a GET route: each event arrives when it is yielded, and its end ends the response", async () => {
  const gate = new Gate();
  @Controller("events")
  class EventsController {
    @Sse("updates")
    async *updates() {
      yield { event: "update", id: "0", data: { count: 0 } };
      await gate.opened;
      yield { event: "complete", data: "that was all" };
    }
  }
  await using client = await testSse(await serve(EventsController), "/events/updates");
  expect(await client.next()).toEqual({ event: "update", id: "0", data: '{"count":0}' });
  expect(client.raw).not.toContain("complete");
  gate.open();
  expect(await client.next()).toEqual({ event: "complete", data: "that was all" });
  expect(await client.ended).toBe(true);
});

it("S2: the head is that of an unbuffered event stream, and keeps what hooks and @fastify/cors have set", async () => {
  @Controller()
  class FeedController {
    @Sse("feed")
    *feed() {
      yield 1;
    }
  }
  const app = makeApp();
  app.addHook("onRequest", async (_request, reply) => void reply.header("x-request-id", "42"));
  await app.register(cors, { origin: "https://app.example" });
  await using client = await testSse(await serve(FeedController, {}, app), "/feed");
  const head = {
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  };
  expect(client.status).toBe(200);
  expect(client.headers).toMatchObject({
    ...head,
    connection: "keep-alive",
    "access-control-allow-origin": "https://app.example",
    "x-request-id": "42",
  });
  const http2 = await http2Get(await serve(FeedController, {}, makeApp({ http2: true })), "/feed");
  expect(http2.headers).toMatchObject({ ...head, ":status": 200 });
  expect(http2.headers).not.toHaveProperty("connection");
});

it("S3: a method may return an `SseStream` and send on it later; `close()` ends the response", async () => {
  const stream = new SseStream();
  @Controller("events")
  class EventsController {
    @Sse("time")
    time() {
      return stream;
    }
  }
  await using client = await testSse(await serve(EventsController), "/events/time");
  stream.send({ event: "time", data: { count: 0 } });
  expect(await client.next()).toEqual({ event: "time", data: '{"count":0}' });
  stream.close();
  expect(await client.rest()).toMatchObject([{ event: "sluice.end" }]);
  expect(await client.ended).toBe(true);
});

it("S4: an async method may send on its `SseStream` before it returns it: nothing is lost, the order stays", async () => {
  @Controller("events")
  class EventsController {
    @Sse("later")
    async later(): Promise<SseStream> {
      const stream = new SseStream();
      stream.sendData("before the wait");
      await new Promise(setImmediate);
      stream.sendData("before the return");
      setImmediate(() => {
        stream.sendData("after it");
        stream.close();
      });
      return stream;
    }
  }
  await using client = await testSse(await serve(EventsController), "/events/later");
  const data = (await client.take(3)).map((event) => event.data);
  expect(data).toEqual(["before the wait", "before the return", "after it"]);
});

it("S5: comment, event, id, retry and data of one event all arrive", async () => {
  @Controller("events")
  class EventsController {
    @Sse("notifications")
    *notifications() {
      const data = { title: "New message" };
      yield { data, event: "notification", id: "msg-123", retry: 3000, comment: "for debugging" };
    }
  }
  await using client = await testSse(await serve(EventsController), "/events/notifications");
  expect(await client.next()).toEqual({
    event: "notification",
    id: "msg-123",
    data: '{"title":"New message"}',
  });
  expect(client.retry).toBe(3000);
  expect(client.comments).toEqual(["for debugging"]);
});

it('S6: text is sent as it is and the rest as JSON; `0`, `false`, `null`, `""`, the id `"0"` and the retry `0` count', async () => {
  const values = ["text", { n: 1 }, [1, "a"], 0, false, null, ""];
  @Controller("values")
  class ValuesController {
    @Sse()
    *values() {
      for (const data of values) yield { id: "0", retry: 0, data };
    }
  }
  await using client = await testSse(await serve(ValuesController), "/values");
  const events = await client.take(values.length);
  expect(events.map(({ data }) => data)).toEqual([
    "text",
    '{"n":1}',
    '[1,"a"]',
    "0",
    "false",
    "null",
    "",
  ]);
  expect(new Set(events.map(({ id }) => id))).toEqual(new Set(["0"]));
  expect(client.retry).toBe(0);
});

it("S7: LF, CRLF and CR in data all arrive as a line break", async () => {
  @Controller("lines")
  class LinesController {
    @Sse()
    *lines() {
      yield* ["a\nb", "a\r\nb", "a\rb"];
    }
  }
  await using client = await testSse(await serve(LinesController), "/lines");
  expect((await client.take(3)).map(({ data }) => data)).toEqual(["a\nb", "a\nb", "a\nb"]);
});

it("S8: `sendData` sends data and nothing else, `sendComment` a line that is no event", async () => {
  @Controller("bare")
  class BareController {
    @Sse("", { onComplete: "reconnect" })
    bare() {
      const stream = new SseStream();
      stream.sendComment("keep-alive");
      stream.sendData({ status: "ok", count: 42 });
      stream.close();
      return stream;
    }
  }
  await using client = await testSse(await serve(BareController), "/bare");
  expect(await client.text()).toBe(': keep-alive\ndata: {"status":"ok","count":42}\n\n');
  expect(await client.rest()).toEqual([
    { event: "message", data: '{"status":"ok","count":42}', id: undefined },
  ]);
});

it("S9: `@Param` gives a parameter of the path, decoded", async () => {
  @Controller("jobs")
  class JobsController {
    @Sse("progress/:jobId")
    *progress(@Param("jobId") jobId: string) {
      yield { event: "progress", data: jobId };
    }
  }
  const app = await serve(JobsController);
  await using client = await testSse(app, "/jobs/progress/a%20b%2Fc%C3%A9");
  expect((await client.next()).data).toBe("a b/cé");
});

it("S10: a controller passes on what an injected service's generator yields, for each client its own", async () => {
  @Injectable()
  class NotificationService {
    async *subscribe(userId: string) {
      for (let n = 1; n <= 2; n++) yield { id: `${userId}-${n}` };
    }
  }
  @Controller("notifications")
  class NotificationsController {
    constructor(private readonly service: NotificationService) {}

    @Sse("stream")
    async *stream(@Query("userId") userId: string) {
      yield { event: "connected", data: userId };
      for await (const notification of this.service.subscribe(userId))
        yield { event: "notification", id: notification.id, data: notification };
    }
  }
  const app = await serve(NotificationsController);
  await using ann = await testSse(app, "/notifications/stream?userId=ann");
  await using bob = await testSse(app, "/notifications/stream?userId=bob");
  expect((await bob.take(3)).map(({ id }) => id)).toEqual([undefined, "bob-1", "bob-2"]);
  expect((await ann.take(3)).map(({ id }) => id)).toEqual([undefined, "ann-1", "ann-2"]);
});

it("S11: a handler reads the Last-Event-ID header: undefined at first, then in whatever case it comes", async () => {
  @Controller("updates")
  class UpdatesController {
    @Sse()
    *updates(@Headers("last-event-id") last?: string, @Headers("Last-Event-ID") same?: string) {
      yield { data: { last: last ?? "none", same: same ?? "none" } };
    }
  }
  const app = await serve(UpdatesController);
  await using first = await testSse(app, "/updates");
  expect((await first.next()).json).toEqual({ last: "none", same: "none" });
  const again = await exchange(app, get("/updates", { "LAST-Event-Id": "41" }));
  await again.until(({ body }) => body.includes('data: {"last":"41","same":"41"}\n\n'));
  expect(again.head).toContain("200 OK");
});
