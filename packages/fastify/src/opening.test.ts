import {
  type Context,
  Controller,
  Ctx,
  HttpError,
  Param,
  Post,
  Query,
  Sse,
  SseStream,
  UseGuards,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import { errorCodes } from "fastify";
import { Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { keepLog, makeApp, serve } from "../test/app.js";
import { signal } from "../test/signal.js";

const SECRET = "password=hunter2";

@Controller()
class Early {
  @Sse("guard") @UseGuards(() => false) *guard() {
    yield 1;
  }
  @Sse("guard-throws")
  @UseGuards(() => {
    throw new HttpError(401, "Sign in first.", {
      code: "ERR_SIGN_IN",
      headers: { "www-authenticate": "Bearer" },
    });
  })
  *guardThrows() {
    yield 1;
  }
  @Sse("guard-fails")
  @UseGuards(async () => {
    throw new Error(SECRET);
  })
  *guardFails() {
    yield 1;
  }
  @Sse("param/:n") *param(@Param("n") n: number) {
    yield n;
  }
  @Sse("query") *query(@Query("on") on: boolean) {
    yield on;
  }
  @Sse("sync") sync(): SseStream {
    throw new HttpError(404, "No such room.");
  }
  @Sse("async") async async(): Promise<SseStream> {
    await Promise.resolve();
    throw new HttpError(503, "Try later.", { headers: { "retry-after": "7" } });
  }
  @Sse("generator") async *generator() {
    await Promise.resolve();
    if (SECRET) throw new HttpError(410, "Gone for good.");
    yield 1;
  }
  @Sse("sync-generator") *syncGenerator() {
    if (SECRET) throw new Error(SECRET);
    yield 1;
  }
  @Sse("unencodable") *unencodable() {
    yield { data: 1n };
  }
  @Sse("stream") stream() {
    const stream = new SseStream();
    stream.fail(new HttpError(409, "In use."));
    return stream;
  }
  @Sse("observable") observable() {
    return new Observable<string>((observer) => observer.error(new HttpError(404, "No topic.")));
  }
  @Sse("no-source") noSource() {
    return undefined as unknown as SseStream;
  }
  @Sse("iterator") iterator(): Iterable<string> {
    return {
      [Symbol.iterator]() {
        throw new HttpError(404, "No list.");
      },
    };
  }
  @Sse("fault") fault(): SseStream {
    throw Object.assign(new TypeError(SECRET), { code: "ERR_SECRET" });
  }
  @Sse("not-an-error") notAnError(): SseStream {
    // eslint-disable-next-line no-throw-literal, typescript/only-throw-error -- applications do
    throw SECRET;
  }
  @Sse("nothing-thrown") nothingThrown(): SseStream {
    // eslint-disable-next-line no-throw-literal, typescript/only-throw-error -- applications do
    throw undefined;
  }
  @Sse("status-code") statusCode(): SseStream {
    throw Object.assign(new Error("Not here."), { statusCode: 404 });
  }
  @Sse("exposed") exposed(): SseStream {
    throw Object.assign(new TypeError("Not there."), { status: 404, expose: true });
  }
  @Sse("fastify") fastify(): SseStream {
    throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE("text/teapot");
  }
  @Sse("foreign-status") foreignStatus(): SseStream {
    throw Object.assign(new Error(SECRET), { status: 401 });
  }
  @Sse("foreign-code") foreignCode(): SseStream {
    throw Object.assign(new Error(SECRET), { statusCode: 403, code: "AccessDenied" });
  }
  @Sse("foreign-class") foreignClass(): SseStream {
    throw Object.assign(new TypeError(SECRET), { statusCode: 429, code: "rate_limit" });
  }
  @Sse("upstream") upstream(): SseStream {
    throw Object.assign(new Error(SECRET), { statusCode: 502 });
  }
  @Post("call") call() {
    throw new Error(SECRET);
  }
}

/** What is asked for, and the error that is answered. */
const ANSWERS: Readonly<Record<string, readonly [status: number, message: string | RegExp]>> = {
  "/guard": [403, "Forbidden"],
  "/guard-throws": [401, "Sign in first."],
  "/guard-fails": [500, "Internal Server Error"],
  "/param/x": [400, /params\.n: must be a number/],
  "/query?on=maybe": [400, /query\.on: must be true or false/],
  "/query?on=true&on=false": [400, /given more than once/],
  "/sync": [404, "No such room."],
  "/async": [503, "Try later."],
  "/generator": [410, "Gone for good."],
  "/sync-generator": [500, "Internal Server Error"],
  "/unencodable": [500, "Internal Server Error"],
  "/stream": [409, "In use."],
  "/observable": [404, "No topic."],
  "/no-source": [500, "Internal Server Error"],
  "/iterator": [404, "No list."],
  "/fault": [500, "Internal Server Error"],
  "/not-an-error": [500, "Internal Server Error"],
  "/nothing-thrown": [500, "Internal Server Error"],
  "/status-code": [404, "Not here."],
  "/exposed": [404, "Not there."],
  "/fastify": [415, "Unsupported Media Type text/teapot"],
  "/foreign-status": [500, "Internal Server Error"],
  "/foreign-code": [500, "Internal Server Error"],
  "/foreign-class": [500, "Internal Server Error"],
  "/upstream": [502, "Bad Gateway"],
};

describe("an error before the head", () => {
  for (const [path, [status, message]] of Object.entries(ANSWERS)) {
    it(`O1: GET ${path} is an ordinary ${status}`, async () => {
      const { logger, entries } = keepLog();
      await using client = await testSse(await serve(Early, {}, makeApp({ logger })), path);
      const text = await client.text();
      expect(client.status).toBe(status);
      expect(client.headers["content-type"]).toBe("application/json; charset=utf-8");
      expect(client.headers).not.toHaveProperty("x-accel-buffering");
      const body = JSON.parse(text) as { statusCode: number; message: string };
      expect(body.statusCode).toBe(status);
      expect(body.message).toMatch(message);
      expect(text).not.toContain("hunter2");
      expect(text).not.toContain("SECRET");
      // It is in the log, once.
      expect(entries.filter(({ err }) => err !== undefined)).toHaveLength(1);
    });
  }

  it("O1: the headers and the code of an HttpError arrive", async () => {
    const app = await serve(Early);
    await using unknown = await testSse(app, "/guard-throws");
    expect(unknown.headers["www-authenticate"]).toBe("Bearer");
    expect(JSON.parse(await unknown.text())).toMatchObject({ code: "ERR_SIGN_IN" });
    await using busy = await testSse(app, "/async");
    expect(busy.headers["retry-after"]).toBe("7");
  });

  it("O1: the log has the fault that the client does not see", async () => {
    const { logger, entries } = keepLog();
    const app = await serve(Early, {}, makeApp({ logger }));
    await using client = await testSse(app, "/fault");
    expect(client.status).toBe(500);
    const [entry] = entries.filter(({ err }) => err !== undefined);
    expect(entry!.level).toBe(50);
    expect(entry!.err!.stack).toContain(SECRET);
    expect(entry!.err!.stack).toContain("Early.fault");
  });

  it("O1: calls conceal faults as streams do", async () => {
    const answer = await (await serve(Early)).inject({ method: "POST", url: "/call" });
    expect(answer.statusCode).toBe(500);
    expect(answer.payload).not.toContain("hunter2");
  });

  it("O1: an error handler of the application gets the error itself", async () => {
    const app = makeApp();
    const seen: unknown[] = [];
    app.setErrorHandler(async (error, _request, reply) => {
      seen.push(error);
      return reply.code(418).send({ handled: true });
    });
    await serve(Early, {}, app);
    await using fault = await testSse(app, "/fault");
    expect(fault.status).toBe(418);
    expect(await fault.text()).toBe('{"handled":true}');
    await using denied = await testSse(app, "/guard-throws");
    await denied.text();
    expect(seen[0]).toBeInstanceOf(TypeError);
    expect(seen[0]).toMatchObject({ message: SECRET, code: "ERR_SECRET" });
    expect(seen[1]).toBeInstanceOf(HttpError);
  });

  it("O1: an error handler of a surrounding plugin gets it too", async () => {
    const app = makeApp();
    await app.register(async (scope) => {
      scope.setErrorHandler(async (error) => ({ message: (error as Error).message }));
      await serve(Early, {}, scope);
    });
    await using client = await testSse(app, "/fault");
    expect(JSON.parse(await client.text())).toEqual({ message: SECRET });
  });

  it("O1: guards are asked before the parameters, and the handler is called after both", async () => {
    const order: string[] = [];
    @Controller()
    @UseGuards(() => order.push("class") > 0)
    class Ordered {
      @Sse(":n")
      @UseGuards(() => order.push("method") > 0)
      *tick(@Param("n") n: number) {
        order.push("handler");
        yield n;
      }
    }
    const app = await serve(Ordered, { guards: [() => order.push("global") > 0] });
    await using wrong = await testSse(app, "/x");
    expect(wrong.status).toBe(400);
    expect(order).toEqual(["global", "class", "method"]);
    await using right = await testSse(app, "/1");
    expect(right.status).toBe(200);
    expect(order.slice(3)).toEqual(["global", "class", "method", "handler"]);
  });
});

describe("the moment of the head", () => {
  it("O2: the head comes with the first event, when that comes early", async () => {
    const yielded = signal();
    let wasYielded = false;
    @Controller()
    class Patient {
      @Sse("tick", { openWithin: "1h" }) async *tick() {
        await yielded.told;
        wasYielded = true;
        yield 1;
      }
    }
    const app = await serve(Patient);
    const connecting = testSse(app, "/tick");
    setImmediate(yielded.tell);
    await using client = await connecting;
    expect(wasYielded).toBe(true);
    expect((await client.next()).data).toBe("1");
  });

  it("O2: on a quiet generator it comes after openWithin, without an event", async () => {
    const seen = signal();
    @Controller()
    class Quiet {
      @Sse("quiet") async *quiet() {
        await seen.told;
        yield "late";
      }
    }
    await using client = await testSse(await serve(Quiet, { openWithin: 20 }), "/quiet");
    expect(client.status).toBe(200);
    expect(client.raw).toBe("");
    seen.tell();
    expect((await client.next()).data).toBe("late");
  });

  it("O2: a route's openWithin goes before the plugin's", async () => {
    @Controller()
    class Quiet {
      @Sse("quiet", { openWithin: 5 }) async *quiet() {
        await new Promise(() => {});
        yield 1;
      }
    }
    await using client = await testSse(await serve(Quiet, { openWithin: "1h" }), "/quiet");
    expect(client.status).toBe(200);
  });

  it("O2: an error within openWithin is an HTTP error, one after it ends the stream", async () => {
    const opened = signal();
    @Controller()
    class Failing {
      @Sse("late", { openWithin: 5 }) async *late() {
        await opened.told;
        if (SECRET) throw new Error(SECRET);
        yield 1;
      }
    }
    await using client = await testSse(await serve(Failing), "/late");
    expect(client.status).toBe(200);
    opened.tell();
    expect(await client.text()).toBe("");
    expect(client.isComplete).toBe(false);
  });

  it("O2: an async method that throws after 300 ms is a true 404", async () => {
    @Controller()
    class Slow {
      @Sse("slow", { openWithin: 5 }) async slow(): Promise<SseStream> {
        await new Promise((resolve) => setTimeout(resolve, 300));
        throw new HttpError(404, "No such job.");
      }
    }
    await using client = await testSse(await serve(Slow), "/slow");
    expect(client.status).toBe(404);
    expect(await client.text()).toContain("No such job.");
  });

  it("O2: an SseStream opens at once, and keeps what was sent before", async () => {
    let stream!: SseStream;
    @Controller()
    class Imperative {
      @Sse("stream", { openWithin: "1h" }) async open() {
        stream = new SseStream();
        return stream;
      }
      @Sse("sent", { openWithin: "1h" }) sent() {
        const sent = new SseStream();
        sent.sendData("early");
        return sent;
      }
    }
    const app = await serve(Imperative);
    await using client = await testSse(app, "/stream");
    expect(client.status).toBe(200);
    stream.sendData("now");
    expect((await client.next()).data).toBe("now");
    await using other = await testSse(app, "/sent");
    expect((await other.next()).data).toBe("early");
  });

  it("opens with the retry of the route, or of the plugin", async () => {
    @Controller()
    class Retrying {
      @Sse("own", { retry: "2s" }) *own() {
        yield 1;
      }
      @Sse("plugin") plugin() {
        return new SseStream();
      }
    }
    const app = await serve(Retrying, { retry: 500 });
    await using own = await testSse(app, "/own");
    expect(await own.text()).toMatch(/^retry: 2000\ndata: 1\n\n/);
    await using quiet = await testSse(app, "/plugin");
    await expect.poll(() => quiet.raw).toBe("retry: 500\n");
  });
});

describe("hooks of the application", () => {
  it("those of the parents run, those of a sibling do not", async () => {
    @Controller("rooms")
    class Rooms {
      @Sse("tick") *tick(@Ctx() ctx: Context) {
        yield (ctx.request as { marks?: string[] }).marks ?? [];
      }
    }
    const app = makeApp();
    const mark = (name: string) => async (request: object) => {
      const marked = request as { marks?: string[] };
      marked.marks = [...(marked.marks ?? []), name];
    };
    app.addHook("onRequest", mark("root"));
    await app.register(async (scope) => {
      scope.addHook("preHandler", mark("parent"));
      await serve(Rooms, { prefix: "/a" }, scope);
    });
    await app.register(async (scope) => {
      scope.addHook("preHandler", mark("sibling"));
      await serve(Rooms, { prefix: "/b" }, scope);
    });
    await using a = await testSse(app, "/a/rooms/tick");
    expect((await a.next()).json).toEqual(["root", "parent"]);
    await using b = await testSse(app, "/b/rooms/tick");
    expect((await b.next()).json).toEqual(["root", "sibling"]);
  });

  it("a handler that answers by itself, and returns the reply, has its way", async () => {
    @Controller()
    class Moved {
      @Sse("moved") async moved(@Ctx() ctx: Context) {
        return ctx.reply.redirect("/elsewhere") as unknown as SseStream;
      }
    }
    const { logger, entries } = keepLog();
    await using client = await testSse(await serve(Moved, {}, makeApp({ logger })), "/moved");
    expect(client.status).toBe(302);
    expect(client.headers["location"]).toBe("/elsewhere");
    await client.text();
    expect(entries.filter(({ level }) => level > 30)).toEqual([]);
  });

  it("one that answers goes before the stream", async () => {
    const app = makeApp();
    app.addHook("preHandler", async (_request, reply) => reply.code(503).send({ closed: true }));
    await serve(Early, {}, app);
    await using client = await testSse(app, "/guard");
    expect(client.status).toBe(503);
  });
});
