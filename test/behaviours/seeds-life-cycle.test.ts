import "reflect-metadata";
import { execFile } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { promisify } from "node:util";
import {
  Controller,
  HttpError,
  Injectable,
  Req,
  Sse,
  SseStream,
  UseGuards,
  UseInterceptors,
  type Context,
  type Interceptor,
} from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { testSse } from "@sluice/testing";
import { EventSource } from "undici";
import { expect, it, onTestFinished, vi } from "vitest";
import { keepLog, makeApp, portOf, serve } from "../../packages/fastify/test/app.js";
import { Gate, watchClosings } from "../../packages/fastify/test/watch.js";

it("S12: a guard above or below `@Sse`, or on the class, denies with 403 in JSON and keeps the handler from running", async () => {
  const handler = vi.fn();
  const deny = () => false;
  @Controller("private")
  class PrivateController {
    @UseGuards(deny)
    @Sse("above")
    async *above() {
      yield handler();
    }

    @Sse("below")
    @UseGuards(deny)
    async *below() {
      yield handler();
    }
  }
  @Controller("private/class")
  @UseGuards(deny)
  class ClassController {
    @Sse()
    async *guarded() {
      yield handler();
    }
  }
  const app = await serve(ClassController, {}, await serve(PrivateController));
  for (const path of ["above", "below", "class"]) {
    await using client = await testSse(app, `/private/${path}`);
    expect(client.status).toBe(403);
    expect(client.headers["content-type"]).toMatch(/^application\/json/);
    expect(JSON.parse(await client.text())).toMatchObject({ statusCode: 403 });
  }
  expect(handler).not.toHaveBeenCalled();
});

it("S13: a guard may be async, may leave a user on the request for `@Req`, and may throw a status of its own", async () => {
  const signedIn = async (ctx: Context) => {
    await new Promise(setImmediate);
    const { authorization } = ctx.headers;
    if (authorization === undefined) throw new HttpError(401, "Sign in first.");
    Object.assign(ctx.request, { user: { id: authorization } });
    return true;
  };
  @Controller("private")
  class PrivateController {
    @Sse("notifications")
    @UseGuards(signedIn)
    async *notifications(@Req() req: { readonly user: { readonly id: string } }) {
      yield { data: req.user.id };
    }
  }
  const app = await serve(PrivateController);
  const headers = { authorization: "ann" };
  await using ann = await testSse(app, "/private/notifications", { headers });
  expect((await ann.next()).data).toBe("ann");
  await using nobody = await testSse(app, "/private/notifications");
  expect(nobody.status).toBe(401);
  expect(JSON.parse(await nobody.text())).toMatchObject({ message: "Sign in first." });
});

it("S14: interceptors stand around the handler in the order in which they are declared", async () => {
  const order: string[] = [];
  const named = (name: string): Interceptor => ({
    async intercept(_ctx, next) {
      order.push(`${name} before`);
      const source = await next();
      order.push(`${name} after`);
      return source;
    },
  });
  @Controller("log")
  @UseInterceptors(named("class"))
  class LogController {
    @Sse()
    @UseInterceptors(named("first"), named("second"))
    log() {
      order.push("handler");
      return ["line"];
    }
  }
  await using client = await testSse(await serve(LogController), "/log");
  expect((await client.next()).data).toBe("line");
  expect(order).toEqual([
    "class before",
    "first before",
    "second before",
    "handler",
    "second after",
    "first after",
    "class after",
  ]);
});

it("S15: when the client leaves, `onClose` runs once, `isClosed()` is true, and calls that come later are safe", async () => {
  const stream = new SseStream();
  const onClose = vi.fn();
  stream.onClose(onClose);
  @Controller("events")
  class EventsController {
    @Sse()
    events() {
      return stream;
    }
  }
  const client = await testSse(await serve(EventsController), "/events");
  expect(stream.isClosed()).toBe(false);
  await client.disconnect();
  await vi.waitFor(() => expect(stream.isClosed()).toBe(true));
  expect([stream.send({ data: 1 }), stream.sendData(2), stream.sendComment("3")]).toEqual([
    false,
    false,
    false,
  ]);
  stream.close();
  expect(onClose).toHaveBeenCalledExactlyOnceWith("client");
});

it("S16: `close()` twice is harmless; each `onClose` runs though another throws, and one that comes late runs at once", async () => {
  const calls: string[] = [];
  const stream = new SseStream();
  stream.onClose(() => calls.push("first"));
  stream.onClose(() => {
    throw new Error("the callback's own");
  });
  stream.onClose(() => calls.push("last"));
  @Controller("events")
  class EventsController {
    @Sse()
    events() {
      return stream;
    }
  }
  await using client = await testSse(await serve(EventsController), "/events");
  stream.close();
  stream.close();
  expect(calls).toEqual(["first", "last"]);
  stream.onClose(() => calls.push("late"));
  expect(calls).toEqual(["first", "last", "late"]);
  expect(await client.rest()).toMatchObject([{ event: "sluice.end" }]);
});

it("S17: what `finally` yields is sent at the end of the stream; after a disconnect it is dropped, and the code behind it runs", async () => {
  const slept = new Gate();
  const cleanUps: string[] = [];
  @Controller("data")
  class DataController {
    @Sse("ends")
    async *ends() {
      try {
        yield { event: "data", data: 1 };
      } finally {
        yield { event: "end", data: "ended" };
        cleanUps.push("ends");
      }
    }

    @Sse("sleeps")
    async *sleeps() {
      try {
        for (let n = 1; ; n++) {
          yield { event: "data", data: n };
          await slept.opened;
        }
      } finally {
        yield { event: "end", data: "ended" };
        cleanUps.push("sleeps");
      }
    }
  }
  const closings = watchClosings();
  const app = await serve(DataController);
  await using ends = await testSse(app, "/data/ends");
  expect((await ends.rest()).map(({ event }) => event)).toEqual(["data", "end", "sluice.end"]);

  const sleeps = await testSse(app, "/data/sleeps");
  await sleeps.next();
  await sleeps.disconnect();
  await vi.waitFor(() =>
    expect(closings.map(({ reason }) => reason)).toEqual(["complete", "client"]),
  );
  expect(cleanUps).toEqual(["ends"]);
  slept.open();
  await vi.waitFor(() => expect(cleanUps).toEqual(["ends", "sleeps"]));
  expect(sleeps.raw).toBe("event: data\ndata: 1\n\n");
});

it("S18: a caught error is an event; an uncaught one is a status before the first event, and after it an end that tells nothing", async () => {
  @Controller("data")
  class DataController {
    @Sse("caught")
    async *caught() {
      try {
        yield { event: "start", data: 1 };
        throw new Error("no connection");
      } catch (error) {
        yield { event: "error", data: { error: (error as Error).message } };
      }
    }

    @Sse("early")
    async *early(): AsyncGenerator<string> {
      throw new HttpError(503, "Try later.");
    }

    @Sse("late")
    async *late() {
      yield { event: "start", data: 1 };
      throw new Error("the secret password");
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(DataController, {}, makeApp({ logger }));
  await using caught = await testSse(app, "/data/caught");
  expect(await caught.rest()).toMatchObject([
    { event: "start" },
    { event: "error", data: '{"error":"no connection"}' },
    { event: "sluice.end" },
  ]);
  await using early = await testSse(app, "/data/early");
  expect(early.status).toBe(503);
  await early.text();
  await using late = await testSse(app, "/data/late");
  expect(await late.text()).toBe("event: start\ndata: 1\n\n");
  expect(await late.ended).toBe(true);
  expect(entries.map(({ err }) => err?.message)).toContain("the secret password");
  await using next = await testSse(app, "/data/caught");
  expect(next.status).toBe(200);
});

it("S19: an `EventEmitter` service is one object for two controllers, and has no listener when all clients have left", async () => {
  @Injectable()
  class ActivityService extends EventEmitter<{ activity: [string] }> {
    follow(): SseStream {
      const stream = new SseStream();
      const handler = (data: string) => stream.send({ event: "activity", data });
      this.on("activity", handler);
      stream.onClose(() => {
        this.off("activity", handler);
      });
      return stream;
    }
  }
  let service!: ActivityService;
  @Controller("one")
  class OneController {
    constructor(readonly activity: ActivityService) {
      service = activity;
    }

    @Sse()
    stream() {
      return this.activity.follow();
    }
  }
  @Controller("two")
  class TwoController {
    constructor(readonly activity: ActivityService) {}

    @Sse()
    stream() {
      return this.activity.follow();
    }
  }
  const app = makeApp();
  await app.register(sluice, { controllers: [OneController, TwoController] });
  const clients = [await testSse(app, "/one"), await testSse(app, "/two")];
  expect(service.listenerCount("activity")).toBe(2);
  service.emit("activity", "signed in");
  for (const client of clients) expect((await client.next()).data).toBe("signed in");
  for (const client of clients) await client.disconnect();
  await vi.waitFor(() => expect(service.listenerCount("activity")).toBe(0));
});

it("S20: `@Sse()` stands at the controller's path, for `curl -N`, for a dozen clients at once, and opens while it is quiet", async () => {
  const gate = new Gate();
  @Controller("events")
  class EventsController {
    @Sse()
    async *events() {
      await gate.opened;
      yield "hello";
    }
  }
  const url = `http://127.0.0.1:${await portOf(await serve(EventsController))}/events`;
  const sources = Array.from({ length: 12 }, () => new EventSource(url));
  onTestFinished(() => sources.forEach((source) => source.close()));
  const hellos = sources.map((source) => once(source, "message"));
  await Promise.all(sources.map((source) => once(source, "open")));
  const curl = promisify(execFile)("curl", ["--silent", "--no-buffer", url]);
  gate.open();
  for (const [event] of await Promise.all(hellos))
    expect((event as MessageEvent<string>).data).toBe("hello");
  expect((await curl).stdout).toMatch(/^data: hello\n\nevent: sluice\.end\n/);
});
