import "reflect-metadata";
import { once } from "node:events";
import {
  Body,
  Controller,
  Ctx,
  Signal,
  Sse,
  SseStream,
  UseGuards,
  type Context,
} from "@sluice/core";
import { testSse, watchLeaks } from "@sluice/testing";
import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import cors from "@fastify/cors";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { keepLog, makeApp, portOf, serve } from "../../packages/fastify/test/app.js";
import { exchange, get } from "../../packages/fastify/test/raw-connection.js";
import { standstill, stoppedClient } from "../../packages/fastify/test/stopped-client.js";
import { Gate, watchClosings } from "../../packages/fastify/test/watch.js";

describe("disconnect and clean-up", () => {
  it("the request's own `close` after a body was parsed is not the client's departure", async () => {
    const closings = watchClosings();
    @Controller("chat")
    class ChatController {
      @Sse("", { method: "POST", openWithin: "1h" })
      async *chat(@Body("n") n: number, @Ctx() { request }: Context, @Signal() gone: AbortSignal) {
        if (!request.raw.closed) await once(request.raw, "close");
        yield { data: { n, gone: gone.aborted } };
      }
    }
    await using client = await testSse(await serve(ChatController), "/chat", { body: { n: 1 } });
    expect((await client.next()).json).toEqual({ n: 1, gone: false });
    await client.rest();
    expect(closings.map(({ reason }) => reason)).toEqual(["complete"]);
  });

  it("a generator that nobody can wake holds up neither its connection's end nor the server's", async () => {
    const finalised = vi.fn();
    @Controller("stuck")
    class StuckController {
      @Sse()
      async *stuck() {
        try {
          yield "hello";
          await new Promise(() => {});
        } finally {
          finalised();
        }
      }
    }
    const app = await serve(StuckController);
    await portOf(app);
    using leaks = watchLeaks();
    const client = await testSse(app, "/stuck");
    await client.next();
    await client.disconnect();
    await vi.waitFor(() => expect(leaks.connections.size).toBe(0));
    expect(leaks.producers.get("StuckController.stuck")).toBe(1);
    await app.close();
    expect(finalised).not.toHaveBeenCalled();
  });

  it("a `yield` in `finally`, also in a generator within, does not keep the code behind it from running", async () => {
    const steps: string[] = [];
    @Controller("nested")
    class NestedController {
      @Sse()
      async *nested(@Signal() gone: AbortSignal) {
        try {
          yield* this.#inner(gone);
        } finally {
          yield "outer end";
          steps.push("outer");
        }
      }

      async *#inner(gone: AbortSignal) {
        try {
          for (;;) {
            yield "hello";
            await once(gone, "abort");
          }
        } finally {
          yield "inner end";
          yield "inner end again";
          steps.push("inner");
        }
      }
    }
    const client = await testSse(await serve(NestedController), "/nested");
    await client.next();
    await client.disconnect();
    await vi.waitFor(() => expect(steps).toEqual(["inner", "outer"]));
    expect(client.raw).toBe("data: hello\n\n");
  });

  it("a producer that waits for a client to drain does not wait for ever when that client dies", async () => {
    const finalised = new Gate();
    let steps = 0;
    @Controller("flood")
    class FloodController {
      @Sse()
      async *flood() {
        try {
          for (;;) {
            steps++;
            yield "x".repeat(65_536);
          }
        } finally {
          finalised.open();
        }
      }
    }
    const app = await serve(FloodController);
    const client = await stoppedClient(app, "/flood");
    await standstill(() => steps);
    client.socket.resetAndDestroy();
    await finalised.opened;
    await expect(app.close()).resolves.toBeUndefined();
  });

  it("a generator that throws is logged, once, and passes for neither an unhandled rejection nor a proper end", async () => {
    const rejections: unknown[] = [];
    const note = (fault: unknown): void => void rejections.push(fault);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    @Controller("throws")
    class ThrowsController {
      @Sse()
      async *throws() {
        yield { id: "1", data: 1 };
        throw new Error("the generator's own");
      }
    }
    const { logger, entries } = keepLog();
    const app = await serve(ThrowsController, {}, makeApp({ logger }));
    await using client = await testSse(app, "/throws");
    await client.rest();
    expect(client.isComplete).toBe(false);
    expect(client.lastEventId).toBe("1");
    await new Promise(setImmediate);
    expect(entries.flatMap(({ err }) => err?.message ?? [])).toEqual(["the generator's own"]);
    expect(rejections).toEqual([]);
  });

  it("after the client left, an `SseStream` knows that it is closed, can be used and takes an `onClose`", async () => {
    const stream = new SseStream();
    @Controller("stream")
    class StreamController {
      @Sse()
      stream() {
        return stream;
      }
    }
    const client = await testSse(await serve(StreamController), "/stream");
    await client.disconnect();
    await vi.waitFor(() => expect(stream.isClosed()).toBe(true));
    expect(stream.send({ data: 1 }) || stream.sendComment("2")).toBe(false);
    expect(() => stream.close()).not.toThrow();
    const late = vi.fn();
    stream.onClose(late);
    expect(late).toHaveBeenCalledExactlyOnceWith("client");
  });

  it("a guard that says no is 403, and a second `@UseGuards` adds to the first", async () => {
    const asked: string[] = [];
    const guard = (name: string, answer: boolean) => () => {
      asked.push(name);
      return answer;
    };
    @Controller("guarded")
    class GuardedController {
      @Sse()
      @UseGuards(guard("first", true))
      @UseGuards(guard("second", false))
      *guarded() {
        yield "never";
      }
    }
    await using client = await testSse(await serve(GuardedController), "/guarded");
    expect(client.status).toBe(403);
    expect(asked).toEqual(["first", "second"]);
  });
});

describe("Fastify", () => {
  @Controller("feed")
  class FeedController {
    @Sse()
    *feed() {
      yield "hello";
    }

    @Sse("quiet")
    quiet() {
      const stream = new SseStream();
      stream.sendData("hello");
      return stream;
    }

    @Sse("posted", { method: "POST" })
    *posted() {
      yield "hello";
    }
  }

  it("taking the response over loses no header of other plugins, no `onSend` hook and no `onResponse` hook", async () => {
    const app = makeApp();
    await app.register(cors, { origin: "https://app.example" });
    await app.register(cookie);
    app.addHook("preHandler", async (_request, reply) => void reply.setCookie("seen", "1"));
    const responded = new Promise<number>((resolve) => {
      app.addHook("onResponse", async (_request, reply) => resolve(reply.statusCode));
    });
    await using client = await testSse(await serve(FeedController, {}, app), "/feed");
    expect(client.headers).toMatchObject({
      "access-control-allow-origin": "https://app.example",
      "set-cookie": "seen=1; SameSite=Lax",
    });
    expect(await client.rest()).toHaveLength(2);
    expect(await responded).toBe(200);
  });

  it("HEAD on a stream is answered with its head and ends, and the connection serves the next request", async () => {
    const client = await exchange(
      await serve(FeedController),
      `${get("/feed/quiet").replace("GET", "HEAD")}${get("/feed")}`,
    );
    await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
    const [head, next] = client.received.split(/(?<=\r\n\r\n)(?=HTTP)/);
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toContain("content-type: text/event-stream\r\n");
    expect(next).toContain("data: hello\n\n");
  });

  it("`app.close()` returns at once with a stream open, whose client gets a last frame and a proper end", async () => {
    const app = await serve(FeedController, { drainWindow: "1h" });
    await using client = await testSse(app, "/feed/quiet");
    await client.next();
    await app.close();
    expect(await client.ended).toBe(true);
    expect(client.raw).toMatch(/^data: hello\n\nretry: \d+\n$/);
  });

  it("@fastify/compress leaves a stream alone: it is neither encoded nor held back", async () => {
    const app = makeApp();
    await app.register(compress, { threshold: 0 });
    await serve(FeedController, {}, app);
    const headers = { "accept-encoding": "gzip, br" };
    await using client = await testSse(app, "/feed/quiet", { headers });
    expect(client.headers).not.toHaveProperty("content-encoding");
    expect(client.headers["cache-control"]).toContain("no-transform");
    expect((await client.next()).data).toBe("hello");
  });

  it("a stream that answers a POST is 200", async () => {
    await using client = await testSse(await serve(FeedController), "/feed/posted", { body: {} });
    expect(client.status).toBe(200);
    expect((await client.next()).data).toBe("hello");
  });
});
