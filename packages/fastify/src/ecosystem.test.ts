import { createGunzip, createGzip } from "node:zlib";
import { PassThrough, pipeline, Readable, Transform } from "node:stream";
import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import session from "@fastify/session";
import { type Context, Controller, Cookies, Ctx, Post, Query, Sse, SseStream } from "@sluice/core";
import { testSse } from "@sluice/testing";
import type { FastifyInstance } from "fastify";
import { describe, expect, it } from "vitest";
import { keepLog, makeApp, portOf, serve } from "../test/app.js";
import { signal } from "../test/signal.js";
import { http2Get } from "../test/http2-get.js";
import { exchange, get } from "../test/raw-connection.js";

@Controller()
class Feed {
  @Sse("feed") async *feed() {
    yield { id: "1", data: "one" };
    await Promise.resolve();
    yield "two";
  }

  @Sse("quiet", { openWithin: 1 }) quiet() {
    return new SseStream();
  }
}

const BODY =
  'id: 1\ndata: one\n\ndata: two\n\nevent: sluice.end\nid: 1#end\ndata: {"outcome":"done"}\n\n';

describe("plugins of Fastify", () => {
  it("W6: @fastify/cors allows an origin, also on early errors and before the stream", async () => {
    const app = makeApp();
    await app.register(cors, { origin: "https://app.example", credentials: true });
    await serve(Feed, {}, app);
    const url = `http://127.0.0.1:${await portOf(app)}/feed`;
    const headers = { origin: "https://app.example", accept: "text/event-stream" };
    const answer = await fetch(url, { headers });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
    expect(await answer.text()).toBe(BODY);

    const refused = await fetch(url, { headers: { ...headers, accept: "text/html" } });
    expect(refused.status).toBe(406);
    expect(refused.headers.get("access-control-allow-origin")).toBe("https://app.example");

    const preflight = await fetch(url, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "last-event-id",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("last-event-id");
  });

  it("W6: @fastify/helmet's headers are on the head", async () => {
    const app = makeApp();
    await app.register(helmet);
    await using client = await testSse(await serve(Feed, {}, app), "/feed");
    expect(client.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-type": "text/event-stream",
    });
    expect(client.headers["content-security-policy"]).toContain("default-src 'self'");
  });

  it("W6: @fastify/cookie's cookies are on the head, and @Cookies reads them", async () => {
    @Controller()
    class Baker {
      @Sse("bake") *bake(@Ctx() ctx: Context, @Cookies("flavour") flavour?: string) {
        ctx.reply.setCookie("seen", "yes", { path: "/" });
        yield flavour ?? "none";
      }
    }
    const app = makeApp();
    await app.register(cookie);
    await using client = await testSse(await serve(Baker, {}, app), "/bake", {
      headers: { cookie: "flavour=lemon; other=1" },
    });
    expect((await client.next()).data).toBe("lemon");
    expect(client.headers["set-cookie"]).toMatch(/^seen=yes; Path=\//);
  });

  it("W6: @fastify/session keeps its session from one stream to the next", async () => {
    @Controller()
    class Counter {
      @Sse("count") *count(@Ctx() ctx: Context) {
        const visitor = ctx.request.session as unknown as { visits?: number };
        visitor.visits = (visitor.visits ?? 0) + 1;
        yield visitor.visits;
      }
    }
    const app = makeApp();
    await app.register(cookie);
    await app.register(session, {
      secret: "a secret of no fewer than thirty-two characters",
      cookie: { secure: false },
    });
    await serve(Counter, {}, app);
    await using first = await testSse(app, "/count");
    expect((await first.next()).data).toBe("1");
    const sent = String(first.headers["set-cookie"]).split(";")[0]!;
    await using second = await testSse(app, "/count", { headers: { cookie: sent } });
    expect((await second.next()).data).toBe("2");
  });

  it("@fastify/rate-limit refuses with 429 before the stream, by each route's config", async () => {
    @Controller()
    class Limited {
      @Sse("limited", { config: { rateLimit: { max: 1, timeWindow: "1m" } } }) *limited() {
        yield 1;
      }
      @Sse("free") *free() {
        yield 1;
      }
    }
    const app = makeApp();
    await app.register(rateLimit, { global: false });
    await serve(Limited, {}, app);
    await using first = await testSse(app, "/limited");
    expect(first.status).toBe(200);
    expect(first.headers["x-ratelimit-limit"]).toBe("1");
    await using second = await testSse(app, "/limited");
    expect(second.status).toBe(429);
    expect(second.headers["retry-after"]).toBe("60");
    expect(second.headers["content-type"]).toContain("application/json");
    await using other = await testSse(app, "/free");
    expect(other.status).toBe(200);
  });

  it("@fastify/compress leaves streams alone, and compresses other answers", async () => {
    @Controller()
    class Mixed extends Feed {
      @Post("big") big() {
        return { text: "a".repeat(5_000) };
      }
    }
    const app = makeApp();
    await app.register(compress);
    await serve(Mixed, {}, app);
    await using client = await testSse(app, "/feed", {
      headers: { "accept-encoding": "gzip, br" },
    });
    expect(client.headers).not.toHaveProperty("content-encoding");
    expect(await client.text()).toBe(BODY);
    const answer = await app.inject({
      method: "POST",
      url: "/big",
      headers: { "accept-encoding": "gzip" },
    });
    expect(answer.headers["content-encoding"]).toBe("gzip");
  });
});

describe("onSend hooks", () => {
  it("W6: what an asynchronous one sets is on the head", async () => {
    const app = makeApp();
    app.addHook("onSend", async (_request, reply) => {
      await Promise.resolve();
      reply.header("x-on-send", "1");
    });
    await using client = await testSse(await serve(Feed, {}, app), "/feed");
    expect(client.headers).toMatchObject({
      "x-on-send": "1",
      "content-type": "text/event-stream",
      connection: "keep-alive",
    });
    expect(await client.text()).toBe(BODY);
  });

  it("W6: they run on HTTP/2 and HTTP/1.0 too", async () => {
    for (const http2 of [true, false]) {
      const app = makeApp(http2 ? { http2 } : {});
      app.addHook("onSend", async (_request, reply) => void reply.header("x-on-send", "1"));
      await serve(Feed, {}, app);
      if (http2) {
        const answer = await http2Get(app, "/feed");
        expect(answer.headers["x-on-send"]).toBe("1");
        expect(await answer.text()).toBe(BODY);
      } else {
        const connection = await (await exchange(app, "GET /feed HTTP/1.0\n\n")).closed();
        expect(connection.head).toContain("x-on-send: 1");
        expect(connection.body).toBe(BODY);
      }
    }
  });

  it("a quiet stream opens although nothing is sent", async () => {
    const app = makeApp();
    app.addHook("onSend", async () => {});
    await using client = await testSse(await serve(Feed, {}, app), "/quiet");
    expect(client.status).toBe(200);
  });

  it("one that throws makes it a 500, and the source is stopped", async () => {
    const reason = signal<string>();
    @Controller()
    class Stopping {
      @Sse("feed") feed() {
        const stream = new SseStream();
        stream.onClose(reason.tell);
        return stream;
      }
    }
    const app = makeApp();
    app.addHook("onSend", async (_request, _reply, payload) => {
      if (payload instanceof Readable) throw new Error("The hook failed.");
    });
    await using client = await testSse(await serve(Stopping, {}, app), "/feed");
    expect(client.status).toBe(500);
    expect(await client.text()).toContain("The hook failed.");
    expect(await reason.told).toBe("error");
  });

  it("one that answers something else in place of the stream has its way", async () => {
    const app = makeApp();
    app.addHook("onSend", async (_request, reply) => {
      reply.code(418).header("content-type", "text/plain");
      return "teapot";
    });
    await using client = await testSse(await serve(Feed, {}, app), "/feed");
    expect(client.status).toBe(418);
    expect(await client.text()).toBe("teapot");
  });
});

/** Hooks that put a transform between the stream and the response, each in its own way. */
const WRAPS: Readonly<Record<string, (payload: Readable) => unknown>> = {
  "payload.pipe(transform)": (payload) => payload.pipe(new PassThrough()),
  "pipeline(payload, transform)": (payload) => pipeline(payload, new PassThrough(), () => {}),
  "an async generator": (payload) => Readable.from(payload),
  "a web stream": (payload) => Readable.toWeb(payload),
};

function wrapping(app: FastifyInstance, wrap: (payload: Readable) => unknown): FastifyInstance {
  app.addHook("onSend", async (_request, _reply, payload) =>
    payload instanceof Readable ? wrap(payload) : payload,
  );
  // A hook after it, as of a plugin that was registered later.
  app.addHook("onSend", async (_request, reply) => void reply.header("x-after", "1"));
  return app;
}

describe("an onSend hook that wraps the payload", () => {
  for (const [name, wrap] of Object.entries(WRAPS)) {
    it(`by ${name} gets the whole stream, and hooks after it still set headers`, async () => {
      const app = wrapping(makeApp(), wrap);
      await using client = await testSse(await serve(Feed, {}, app), "/feed");
      expect(await client.text()).toBe(BODY);
      expect(await client.ended).toBe(true);
      expect(client.headers).toMatchObject({
        "x-after": "1",
        "content-type": "text/event-stream",
      });
    });
  }

  it("O2: a quiet stream opens all the same", async () => {
    const app = wrapping(makeApp(), (payload) => payload.pipe(new PassThrough()));
    await using client = await testSse(await serve(Feed, {}, app), "/quiet");
    expect(client.headers["x-after"]).toBe("1");
  });

  it("may encode it", async () => {
    const app = makeApp();
    app.addHook("onSend", async (_request, reply, payload) => {
      reply.header("content-encoding", "gzip");
      return (payload as Readable).pipe(createGzip());
    });
    await serve(Feed, {}, app);
    const connection = await exchange(app, get("/feed", { Connection: "close" }));
    await connection.closed();
    expect(connection.head).toContain("content-encoding: gzip");
    const { rawPayload } = await app.inject("/feed");
    const chunks = await Readable.from([rawPayload]).pipe(createGunzip()).toArray();
    expect(Buffer.concat(chunks as Buffer[]).toString()).toBe(BODY);
  });

  it("and fails later cuts the response off, and the source is stopped", async () => {
    const stopped = signal();
    @Controller()
    class Endless {
      @Sse("endless") async *endless() {
        try {
          for (;;) yield await new Promise<number>((resolve) => setImmediate(resolve, 1));
        } finally {
          stopped.tell();
        }
      }
    }
    const { logger } = keepLog();
    const app = makeApp({ logger });
    app.addHook("onSend", async (_request, _reply, payload) => {
      let chunks = 0;
      const failing = new Transform({
        transform: (chunk, _encoding, done) =>
          ++chunks > 3 ? done(new Error("No more.")) : done(null, chunk),
      });
      return (payload as Readable).pipe(failing);
    });
    await using client = await testSse(await serve(Endless, {}, app), "/endless");
    expect(await client.ended).toBe(false);
    await stopped.told;
  });
});

describe("Fastify's own way", () => {
  it("O1: the schema of a route is validated by Fastify, before the guards", async () => {
    @Controller()
    class Paged {
      @Sse("paged", {
        schema: {
          querystring: { type: "object", properties: { page: { type: "integer", minimum: 1 } } },
        },
      })
      *paged(@Query("page") page?: number) {
        yield { data: { page, type: typeof page } };
      }
    }
    const app = await serve(Paged);
    await using wrong = await testSse(app, "/paged?page=0");
    expect(wrong.status).toBe(400);
    expect(JSON.parse(await wrong.text())).toMatchObject({ code: "FST_ERR_VALIDATION" });
    await using right = await testSse(app, "/paged?page=2");
    expect((await right.next()).json).toEqual({ page: 2, type: "number" });
  });

  it("a route's config is the request's", async () => {
    @Controller()
    class Configured {
      @Sse("configured", { config: { tier: "gold" } as object }) *configured(@Ctx() ctx: Context) {
        yield (ctx.request.routeOptions.config as { tier?: string }).tier ?? "none";
      }
    }
    await using client = await testSse(await serve(Configured), "/configured");
    expect((await client.next()).data).toBe("gold");
  });

  it("inject answers a finite stream whole", async () => {
    const app = await serve(Feed);
    const answer = await app.inject({ url: "/feed", headers: { accept: "text/event-stream" } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    expect(answer.payload).toBe(BODY);
  });

  it("inject hands an endless stream over with payloadAsStream", async () => {
    @Controller()
    class Endless {
      @Sse("endless") async *endless() {
        for (let n = 0; ; n++) yield await new Promise((resolve) => setImmediate(resolve, n));
      }
    }
    const app = await serve(Endless);
    const answer = await app.inject({ url: "/endless", payloadAsStream: true });
    expect(answer.statusCode).toBe(200);
    const stream = answer.stream();
    let text = "";
    for await (const chunk of stream) {
      text += String(chunk);
      if (text.includes("data: 3\n\n")) break;
    }
    expect(text.startsWith("data: 0\n\ndata: 1\n\n")).toBe(true);
  });
});
