import "reflect-metadata";
import {
  Body,
  Controller,
  Ctx,
  Get,
  Headers,
  HttpError,
  Query,
  Sse,
  SseStream,
  UseGuards,
  UseInterceptors,
  type Context,
} from "@sluice/core";
import { testSse, type SseTestClient } from "@sluice/testing";
import { expect, it, vi } from "vitest";
import { keepLog, makeApp, serve } from "../../packages/fastify/test/app.js";
import { http2Get } from "../../packages/fastify/test/http2-get.js";
import { exchange, get } from "../../packages/fastify/test/raw-connection.js";
import { Gate, nextOpened } from "../../packages/fastify/test/watch.js";

@Controller("feed")
class FeedController {
  @Sse()
  *feed() {
    yield "hello";
  }
}

it("B13: without anyone's doing, the head is 200, an event stream, neither cached, transformed nor buffered", async () => {
  const client = await exchange(await serve(FeedController), get("/feed"));
  await client.until(({ head }) => head !== "");
  const [status, ...headers] = client.head.toLowerCase().split("\r\n");
  expect(status).toBe("http/1.1 200 ok");
  expect(headers.filter((line) => !/^(date|keep-alive):/.test(line)).toSorted()).toEqual([
    "cache-control: no-cache, no-transform",
    "connection: keep-alive",
    "content-type: text/event-stream",
    "transfer-encoding: chunked",
    "x-accel-buffering: no",
  ]);
});

it("B14: over HTTP/2 no header describes the connection; `@Headers()` is Fastify's own object, with the pseudo-headers", async () => {
  @Controller("echo")
  class EchoController {
    @Sse()
    *echo(@Headers() headers: Record<string, string>, @Headers("x-own") own: string) {
      yield { data: { path: headers[":path"], own } };
    }
  }
  const app = await serve(EchoController, {}, makeApp({ http2: true }));
  const answer = await http2Get(app, "/echo", { headers: { "x-own": "1" } });
  expect(Object.keys(answer.headers).toSorted()).toEqual([
    ":status",
    "cache-control",
    "content-type",
    "date",
    "x-accel-buffering",
  ]);
  expect(await answer.text()).toContain('data: {"path":"/echo","own":"1"}\n\n');
});

it("B15: headers that hooks, decorators, guards, interceptors and handlers set reach the head", async () => {
  @Controller("late")
  class LateController {
    @Sse()
    @UseGuards(({ reply }) => reply.header("x-guard", "1") !== undefined)
    @UseInterceptors((ctx, next) => {
      ctx.reply.header("x-interceptor", "1");
      return next();
    })
    async *late(@Ctx() ctx: Context) {
      ctx.reply.header("x-handler", "1");
      yield "hello";
    }
  }
  const app = makeApp();
  app.decorateReply("mark", function mark() {
    this.header("x-decorator", "1");
  });
  app.addHook("onRequest", async (_request, reply) => {
    (reply as typeof reply & { mark(): void }).mark();
    reply.header("x-on-request", "1");
  });
  app.addHook("onSend", async (_request, reply) => void reply.header("x-on-send", "1"));
  await using client = await testSse(await serve(LateController, {}, app), "/late");
  const names = ["on-request", "decorator", "guard", "interceptor", "handler", "on-send"];
  for (const name of names) expect(client.headers).toHaveProperty(`x-${name}`, "1");
});

it("B16: the content type of a stream is `text/event-stream`, whatever was set before", async () => {
  @Controller("typed")
  class TypedController {
    @Sse()
    typed(@Ctx() ctx: Context) {
      ctx.reply.type("application/json");
      return ["hello"];
    }
  }
  await using client = await testSse(await serve(TypedController), "/typed");
  expect(client.headers["content-type"]).toBe("text/event-stream");
  expect((await client.next()).data).toBe("hello");
});

it("B17: a status that is set before the first event counts; one that is set later changes nothing, and warns", async () => {
  @Controller("status")
  class StatusController {
    @Sse()
    *status(@Ctx() ctx: Context) {
      ctx.reply.code(201);
      yield 1;
      ctx.reply.code(500);
      yield 2;
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(StatusController, {}, makeApp({ logger }));
  await using client = await testSse(app, "/status");
  expect((await client.take(2)).map(({ data }) => data)).toEqual(["1", "2"]);
  expect(client.status).toBe(201);
  expect(entries.filter(({ level }) => level === 40)).toHaveLength(1);
});

it("B18: a default header may be overwritten; one that is removed comes back, as a proxy must always be told", async () => {
  @Controller("defaults")
  class DefaultsController {
    @Sse()
    defaults(@Ctx() ctx: Context) {
      ctx.reply.header("cache-control", "no-store").removeHeader("x-accel-buffering");
      return ["hello"];
    }
  }
  await using client = await testSse(await serve(DefaultsController), "/defaults");
  expect(client.headers).toMatchObject({ "cache-control": "no-store", "x-accel-buffering": "no" });
});

it("B19: nobody sends the head by hand: it goes out by itself, once, though both the clock and an event ask for it", async () => {
  const gate = new Gate();
  @Controller("slow")
  class SlowController {
    @Sse("", { openWithin: 1 })
    async *slow() {
      await gate.opened;
      yield "hello";
    }
  }
  const opened = nextOpened();
  const client = await exchange(await serve(SlowController), get("/slow"));
  await opened;
  gate.open();
  await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
  expect(client.received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
});

it("B20: the head waits for the first event, so that an error before it keeps its status and headers", async () => {
  @Controller("early")
  class EarlyController {
    @Sse("generator", { openWithin: "1h" })
    async *generator(): AsyncGenerator<string> {
      await new Promise(setImmediate);
      throw new HttpError(404, "No such room.", { headers: { "x-reason": "gone" } });
    }

    @Sse("stream")
    async stream(): Promise<SseStream> {
      new SseStream().sendData("never delivered");
      await new Promise(setImmediate);
      throw new HttpError(409, "The room is full.");
    }
  }
  const app = await serve(EarlyController);
  await using generator = await testSse(app, "/early/generator");
  expect(generator.status).toBe(404);
  expect(generator.headers).toMatchObject({ "x-reason": "gone" });
  await using stream = await testSse(app, "/early/stream");
  expect(stream.status).toBe(409);
  expect(await stream.text()).not.toContain("never delivered");
});

it("B21: input that does not fit is 400 in JSON before the stream, and the handler is not called", async () => {
  const handler = vi.fn();
  @Controller("typed")
  class TypedController {
    @Sse()
    *typed(@Query("limit") limit: number) {
      yield handler(limit);
    }

    @Sse("body", {
      method: "POST",
      schema: { body: { type: "object", required: ["prompt"] } },
    })
    *body(@Body() body: unknown) {
      yield handler(body);
    }
  }
  const app = await serve(TypedController);
  await using query = await testSse(app, "/typed?limit=lots");
  expect(query.status).toBe(400);
  expect(JSON.parse(await query.text())).toMatchObject({
    message: "query.limit: must be a number",
  });
  await using body = await testSse(app, "/typed/body", { body: {} });
  expect(body.status).toBe(400);
  expect(JSON.parse(await body.text())).toMatchObject({ code: "FST_ERR_VALIDATION" });
  expect(handler).not.toHaveBeenCalled();
});

it("B22: a first event that can't be written is 500; a later one ends the stream, with an event only where `onError` makes one", async () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  @Controller("cycle")
  class CycleController {
    @Sse("first")
    *first() {
      yield { data: cycle };
    }

    @Sse("later")
    *later() {
      yield { id: "1", data: 1 };
      yield { data: cycle };
    }

    @Sse("told", { onError: () => ({ event: "failure", data: "sorry" }) })
    *told() {
      yield* this.later();
    }
  }
  const app = await serve(CycleController);
  await using first = await testSse(app, "/cycle/first");
  expect(first.status).toBe(500);
  expect(first.headers["content-type"]).toMatch(/^application\/json/);
  await using later = await testSse(app, "/cycle/later");
  expect(await later.text()).toBe("id: 1\ndata: 1\n\n");
  await using told = await testSse(app, "/cycle/told");
  expect(await told.text()).toBe("id: 1\ndata: 1\n\nevent: failure\ndata: sorry\n\n");
});

it("B23: a producer that ends without an event answers 200 with the head of a stream, and the completion frame", async () => {
  @Controller("nothing")
  class NothingController {
    @Sse()
    async *nothing() {}
  }
  await using client = await testSse(await serve(NothingController), "/nothing");
  expect(client.status).toBe(200);
  expect(client.headers["content-type"]).toBe("text/event-stream");
  expect(await client.text()).toBe('event: sluice.end\nid: #end\ndata: {"outcome":"done"}\n\n');
});

it("B24: `*/*`, `text/*` and no `Accept` get the stream; another type, or a quality of 0, gets 406", async () => {
  const app = await serve(FeedController);
  const expectStatus = async (status: number, headers: Record<string, string>) => {
    const client = await exchange(app, get("/feed", headers));
    await client.until(({ head }) => head !== "");
    expect({ ...headers, head: client.head.slice(0, 12) }).toEqual({
      ...headers,
      head: `HTTP/1.1 ${status}`,
    });
  };
  await expectStatus(200, {});
  const welcome = ["*/*", "text/*", "text/html, text/event-stream;q=0.1", "text/html, */*;q=0.1"];
  for (const accept of welcome) await expectStatus(200, { Accept: accept });
  const excluded = ["application/json", "text/event-stream;q=0", "*/*, text/event-stream;q=0"];
  for (const accept of excluded) await expectStatus(406, { Accept: accept });
});

it("B25: a path is a stream or a JSON answer, never both: the JSON has a route of its own, and no keep-alive gets into it", async () => {
  const members: SseTestClient[] = [];
  const keepAlives = () => members.flatMap(({ comments }) => comments).length;
  /** Resolves when the open stream has got some keep-alives meanwhile. */
  const slowly = () => {
    const before = keepAlives();
    return vi.waitFor(() => expect(keepAlives()).toBeGreaterThan(before + 2));
  };
  @Controller("state")
  class StateController {
    @Sse("live")
    @UseGuards(async ({ headers }) => {
      if (headers["x-member"] === "yes") return true;
      await slowly();
      return false;
    })
    live() {
      return new SseStream();
    }

    @Get()
    async state() {
      await slowly();
      return { on: true };
    }
  }
  const app = await serve(StateController, { keepAlive: 1 });
  const json = { accept: "application/json" };
  await using member = await testSse(app, "/state/live", { headers: { "x-member": "yes" } });
  members.push(member);
  await using state = await testSse(app, "/state", { headers: json });
  expect(await state.text()).toBe('{"on":true}');
  await using denied = await testSse(app, "/state/live");
  expect(JSON.parse(await denied.text())).toMatchObject({ statusCode: 403 });
  await using refused = await testSse(app, "/state/live", { headers: json });
  expect(JSON.parse(await refused.text())).toMatchObject({ statusCode: 406 });
});
