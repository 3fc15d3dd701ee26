import { once } from "node:events";
import { type Context, Controller, Ctx, Signal, Sse, UseGuards } from "@sluice/core";
import { testSse } from "@sluice/testing";
import type { FastifyRequest } from "fastify";
import { describe, expect, it } from "vitest";
import { keepLog, makeApp, serve, TLS } from "../test/app.js";
import { http2Get } from "../test/http2-get.js";
import { exchange, get } from "../test/raw-connection.js";
import { signal } from "../test/signal.js";
import { hasOnSendHooks } from "./head.js";

@Controller()
class Clock {
  @Sse("tick") *tick() {
    yield "tick";
  }
}

describe("the head", () => {
  it("W6: says on HTTP/1.1 what a stream needs, and no length", async () => {
    const connection = await exchange(await serve(Clock), get("/tick"));
    await connection.until(({ head }) => head !== "");
    const lines = connection.head.split("\r\n");
    expect(lines[0]).toBe("HTTP/1.1 200 OK");
    expect(lines.map((line) => line.toLowerCase())).toEqual(
      expect.arrayContaining([
        "content-type: text/event-stream",
        "cache-control: no-cache, no-transform",
        "x-accel-buffering: no",
        "connection: keep-alive",
        "transfer-encoding: chunked",
      ]),
    );
    expect(connection.head).not.toMatch(/content-length/i);
  });

  it("W6: a client that asked to close is told close, and the connection ends with the stream", async () => {
    const connection = await exchange(await serve(Clock), get("/tick", { Connection: "close" }));
    await connection.closed();
    expect(connection.head).toMatch(/^connection: close$/im);
    expect(connection.head).not.toMatch(/keep-alive/i);
  });

  it("W6: HTTP/1.0 gets neither keep-alive nor chunks", async () => {
    const connection = await exchange(await serve(Clock), "GET /tick HTTP/1.0\n\n");
    await connection.closed();
    expect(connection.head).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(connection.head).toMatch(/^connection: close$/im);
    expect(connection.head).toMatch(/^content-type: text\/event-stream$/im);
  });

  for (const tls of [false, true]) {
    it(`W6: HTTP/2 ${tls ? "over TLS" : "in clear text"} has no header of the connection`, async () => {
      const app = makeApp(tls ? { http2: true, https: TLS } : { http2: true });
      app.addHook("onRequest", async (_request, reply) => {
        reply.headers({
          connection: "keep-alive",
          "keep-alive": "timeout=5",
          "proxy-connection": "keep-alive",
          "transfer-encoding": "chunked",
          upgrade: "h2c",
          "x-kept": "1",
        });
      });
      const answer = await http2Get(await serve(Clock, {}, app), "/tick", { tls });
      expect(answer.headers).toMatchObject({
        ":status": 200,
        "content-type": "text/event-stream",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
        "x-kept": "1",
      });
      const names = Object.keys(answer.headers).join();
      expect(names).not.toMatch(/connection|keep-alive|transfer-encoding|upgrade/);
      expect(await answer.text()).toContain("data: tick\n\n");
    });
  }

  it("W6: HTTPS has the head of HTTP/1.1", async () => {
    const app = await serve(Clock, {}, makeApp({ https: TLS }));
    await using client = await testSse(app, "/tick");
    expect(client.headers).toMatchObject({
      "content-type": "text/event-stream",
      connection: "keep-alive",
    });
    expect((await client.next()).data).toBe("tick");
  });

  it("W6: a header that a hook has set stays, but for the content type and a length", async () => {
    const app = makeApp();
    app.addHook("onRequest", async (_request, reply) => {
      reply.headers({
        "cache-control": "no-store",
        "x-accel-buffering": "yes",
        "content-type": "text/plain",
        "content-length": "3",
        "x-custom": "1",
      });
    });
    await using client = await testSse(await serve(Clock, {}, app), "/tick");
    expect(client.headers).toMatchObject({
      "cache-control": "no-store",
      "x-accel-buffering": "yes",
      "content-type": "text/event-stream",
      "x-custom": "1",
    });
    expect(client.headers).not.toHaveProperty("content-length");
    expect((await client.next()).data).toBe("tick");
  });

  it("W6: a header that was set on Node's own response stays under the same rule", async () => {
    const app = makeApp();
    app.addHook("onRequest", async (_request, reply) => {
      reply.raw.setHeader("cache-control", "no-store");
      reply.raw.setHeader("content-length", "3");
      reply.raw.setHeader("x-raw", "1");
    });
    await using client = await testSse(await serve(Clock, {}, app), "/tick");
    expect(client.headers).toMatchObject({ "cache-control": "no-store", "x-raw": "1" });
    expect(client.headers).not.toHaveProperty("content-length");
    expect((await client.next()).data).toBe("tick");
  });

  it("W6: several cookies stay several headers", async () => {
    const app = makeApp();
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("set-cookie", "a=1").header("set-cookie", "b=2");
    });
    await using client = await testSse(await serve(Clock, {}, app), "/tick");
    expect(client.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  });

  it("O1: a header that can't be sent is a 500, not a request that hangs", async () => {
    @Controller()
    class Broken {
      @Sse("broken") *broken(@Ctx() ctx: Context) {
        ctx.reply.header("x-name", "two\nlines");
        yield 1;
      }
    }
    await using client = await testSse(await serve(Broken), "/broken");
    expect(client.status).toBe(500);
    expect(await client.text()).toContain("Internal Server Error");
  });
});

describe("the way to the response", () => {
  it("W6: is the short one exactly where a route has no onSend hooks", async () => {
    const seen: boolean[] = [];
    for (const hook of [false, true]) {
      const app = makeApp();
      app.addHook("preHandler", async (request) => void seen.push(hasOnSendHooks(request)));
      if (hook) app.addHook("onSend", async () => {});
      await using client = await testSse(await serve(Clock, {}, app), "/tick");
      await client.text();
    }
    expect(seen).toEqual([false, true]);
  });

  it("W6: is the long one where Fastify hides a request's hooks", () => {
    expect(hasOnSendHooks({} as FastifyRequest)).toBe(true);
  });
});

describe("ctx.reply", () => {
  it("W6: guards, handlers and the first step of a generator change the head", async () => {
    @Controller()
    @UseGuards((ctx) => {
      ctx.reply.header("x-guard", "1");
      return true;
    })
    class Changing {
      @Sse("tick") async *tick(@Ctx() ctx: Context) {
        ctx.reply.header("x-first-step", "1").code(201);
        yield 1;
      }
    }
    await using client = await testSse(await serve(Changing), "/tick");
    expect(client.headers).toMatchObject({ "x-guard": "1", "x-first-step": "1" });
    expect(client.status).toBe(201);
  });

  for (const onSend of [false, true]) {
    it(`W6: a change after the head warns and does nothing${onSend ? ", with onSend hooks too" : ""}`, async () => {
      @Controller()
      class Late {
        @Sse("late") *late(@Ctx() ctx: Context) {
          yield 1;
          ctx.reply.header("x-late", "1").code(500).type("text/plain").removeHeader("x-early");
          yield 2;
        }
      }
      const { logger, entries } = keepLog();
      const app = makeApp({ logger });
      app.addHook("onRequest", async (_request, reply) => void reply.header("x-early", "1"));
      if (onSend) app.addHook("onSend", async () => {});
      await using client = await testSse(await serve(Late, {}, app), "/late");
      expect((await client.take(2)).map(({ data }) => data)).toEqual(["1", "2"]);
      expect(client.headers).toMatchObject({ "x-early": "1" });
      expect(client.headers).not.toHaveProperty("x-late");
      const warnings = entries.filter(({ level }) => level === 40).map(({ msg }) => msg);
      expect(warnings).toEqual(
        ["header", "code", "type", "removeHeader"].map(
          (name) => `reply.${name}() has no effect: the head of the event stream is out`,
        ),
      );
    });
  }
});

describe("the end of a response", () => {
  it("onResponse hooks run once, when the stream has ended", async () => {
    const app = makeApp();
    const order: string[] = [];
    app.addHook("onRequest", async () => void order.push("onRequest"));
    app.addHook("preHandler", async () => void order.push("preHandler"));
    const responded = new Promise<void>((resolve) => {
      app.addHook("onResponse", async (_request, reply) => {
        order.push(`onResponse ${reply.statusCode}`);
        resolve();
      });
    });
    await using client = await testSse(await serve(Clock, {}, app), "/tick");
    await client.text();
    await responded;
    expect(order).toEqual(["onRequest", "preHandler", "onResponse 200"]);
  });

  it("onRequestAbort hooks run in their place when the client has left", async () => {
    @Controller()
    class Endless {
      @Sse("endless") async *endless(@Signal() gone: AbortSignal) {
        yield 1;
        await once(gone, "abort");
      }
    }
    for (const onSend of [false, true]) {
      const app = makeApp();
      const aborted = signal<string>();
      let responses = 0;
      if (onSend) app.addHook("onSend", async () => {});
      app.addHook("onRequestAbort", async ({ url }) => aborted.tell(url));
      app.addHook("onResponse", async () => void responses++);
      const client = await testSse(await serve(Endless, {}, app), "/endless");
      await client.next();
      await client.disconnect();
      expect(await aborted.told).toBe("/endless");
      expect(responses).toBe(0);
    }
  });

  it("a handlerTimeout of Fastify ends no stream whose head is out", async () => {
    @Controller()
    class Slow {
      @Sse("slow") async *slow() {
        yield 1;
        await once(AbortSignal.timeout(120), "abort");
        yield 2;
      }
    }
    await using client = await testSse(
      await serve(Slow, {}, makeApp({ handlerTimeout: 40 })),
      "/slow",
    );
    expect((await client.take(2)).map(({ data }) => data)).toEqual(["1", "2"]);
  });
});
