import "reflect-metadata";
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect as connectHttp2, constants } from "node:http2";
import { Body, Controller, Injectable, Sse, SseStream, UseGuards } from "@sluice/core";
import { testSse, watchLeaks } from "@sluice/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { keepLog, makeApp, portOf, serve } from "../test/app.js";
import { exchange, get } from "../test/raw-connection.js";
import { Gate, watchClosings } from "../test/watch.js";

it("C6: a client that leaves before its guard resolves never starts the handler", async () => {
  const asked = new Gate();
  const gate = new Gate();
  const handler = vi.fn();
  const guard = async () => {
    asked.open();
    await gate.opened;
    return true;
  };
  @Controller("guarded")
  class GuardedController {
    @Sse()
    @UseGuards(guard)
    async *guarded() {
      handler();
      yield 1;
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(GuardedController, {}, makeApp({ logger }));
  const client = await exchange(app, get("/guarded"));
  await asked.opened;
  client.socket.destroy();
  await vi.waitFor(async () => expect(await connections(app)).toBe(0));
  gate.open();
  await new Promise(setImmediate);
  expect(handler).not.toHaveBeenCalled();
  expect(entries.filter(({ level }) => level >= 40)).toEqual([]);
});

it("C6: a client that left while a hook before the handler worked is no error", async () => {
  const asked = new Gate();
  const gate = new Gate();
  const handler = vi.fn();
  @Controller("hooked")
  class HookedController {
    @Sse()
    async *hooked() {
      handler();
      yield 1;
    }
  }
  const { logger, entries } = keepLog();
  const app = makeApp({ logger });
  app.addHook("preHandler", async () => {
    asked.open();
    await gate.opened;
  });
  await serve(HookedController, {}, app);
  const client = await exchange(app, get("/hooked"));
  await asked.opened;
  client.socket.destroy();
  await vi.waitFor(async () => expect(await connections(app)).toBe(0));
  gate.open();
  await new Promise(setImmediate);
  await app.close();
  expect(handler).not.toHaveBeenCalled();
  expect(entries.filter(({ level }) => level >= 40)).toEqual([]);
});

it("C6: a client that leaves before an async handler resolves: a generator never starts", async () => {
  const asked = new Gate();
  const gate = new Gate();
  const started = vi.fn();
  @Controller("slow")
  class SlowController {
    @Sse()
    async slow() {
      asked.open();
      await gate.opened;
      return this.#events();
    }

    async *#events() {
      started();
      yield 1;
    }
  }
  const app = await serve(SlowController);
  const client = await exchange(app, get("/slow"));
  await asked.opened;
  client.socket.destroy();
  await vi.waitFor(async () => expect(await connections(app)).toBe(0));
  gate.open();
  await new Promise(setImmediate);
  expect(started).not.toHaveBeenCalled();
});

it("C6: a client that leaves before an async handler resolves: a stream is closed", async () => {
  const asked = new Gate();
  const gate = new Gate();
  const closed = vi.fn();
  const stream = new SseStream();
  stream.onClose(closed);
  @Controller("slow")
  class SlowController {
    @Sse()
    async slow() {
      asked.open();
      await gate.opened;
      return stream;
    }
  }
  const app = await serve(SlowController);
  const client = await exchange(app, get("/slow"));
  await asked.opened;
  client.socket.destroy();
  await vi.waitFor(async () => expect(await connections(app)).toBe(0));
  gate.open();
  await vi.waitFor(() => expect(closed).toHaveBeenCalledExactlyOnceWith("client"));
  expect(stream.isClosed()).toBe(true);
  expect(stream.send("too late")).toBe(false);
});

it("C6: what was made for a request is disposed when its client leaves", async () => {
  const disposed = vi.fn();
  @Injectable({ scope: "request" })
  class PerRequest {
    async dispose(): Promise<void> {
      disposed();
      await Promise.reject(new Error("dispose's own"));
    }
  }
  @Controller("scoped")
  class ScopedController {
    constructor(readonly own: PerRequest) {}

    @Sse()
    async *scoped() {
      yield 1;
      await new Promise(() => {});
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(ScopedController, {}, makeApp({ logger }));
  const client = await testSse(app, "/scoped");
  await client.next();
  expect(disposed).not.toHaveBeenCalled();
  await client.disconnect();
  await vi.waitFor(() => expect(entries.map(({ err }) => err?.message)).toContain("dispose's own"));
  expect(disposed).toHaveBeenCalledOnce();
});

it("C6: a POST whose body has been read is not a client that left", async () => {
  const closings = watchClosings();
  const gate = new Gate();
  @Controller("post")
  class PostController {
    @Sse("", { method: "POST" })
    async *post(@Body() body: { readonly n: number }) {
      yield body.n;
      await gate.opened;
      yield body.n + 1;
    }
  }
  const app = await serve(PostController);
  await using client = await testSse(app, "/post", { body: { n: 1 } });
  expect((await client.next()).data).toBe("1");
  await new Promise(setImmediate);
  expect(closings).toEqual([]);
  gate.open();
  expect((await client.next()).data).toBe("2");
});

/** A stream that counts who started and who came to an end. */
function tracked() {
  const counts = { started: 0, ended: 0 };
  @Controller("tracked")
  class TrackedController {
    @Sse("quiet")
    async *quiet() {
      counts.started++;
      try {
        yield "hello";
        await new Promise<void>((resolve) => waiting.push(resolve));
      } finally {
        counts.ended++;
      }
    }

    @Sse("short")
    *short() {
      yield "short";
    }
  }
  const waiting: (() => void)[] = [];
  /** Lets generators go on, the oldest first. */
  const release = (count = waiting.length): void => {
    for (const resolve of waiting.splice(0, count)) resolve();
  };
  return { TrackedController, counts, release };
}

it("C6: requests that wait in a pipeline are freed when their client leaves", async () => {
  using leaks = watchLeaks();
  const { TrackedController, counts, release } = tracked();
  const app = await serve(TrackedController);
  const client = await exchange(app, get("/tracked/quiet").repeat(3));
  await vi.waitFor(() => expect(counts.started).toBe(3));
  client.socket.destroy();
  await vi.waitFor(() => expect(leaks.connections.size).toBe(0));
  release();
  await vi.waitFor(() => expect(counts.ended).toBe(3));
});

it("C6: a stream that is complete while it waits in a pipeline does not hold up the shutdown", async () => {
  const { TrackedController, counts, release } = tracked();
  const app = await serve(TrackedController, { drainWindow: "1h" });
  const closings = watchClosings();
  const client = await exchange(app, get("/tracked/quiet") + get("/tracked/short").repeat(2));
  await vi.waitFor(() =>
    expect(closings.map(({ reason }) => reason)).toEqual(["complete", "complete"]),
  );
  client.socket.destroy();
  release();
  await vi.waitFor(() => expect(counts.ended).toBe(1));
  await app.close();
});

it("C6: thirty pipelined requests are answered in order, with no listener too many", async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  const { TrackedController } = tracked();
  const app = await serve(TrackedController);
  const client = await exchange(app, get("/tracked/short").repeat(30));
  await client.until(({ received }) => received.split("data: short\n\n").length === 31);
  await client.until(({ received }) => received.split("\r\n0\r\n\r\n").length === 31);
  await new Promise(setImmediate);
  expect(warnings).toEqual([]);
});

it("C6: fifty streams over one connection leave no listener on its socket", async () => {
  const sockets = new Set<Socket>();
  const { TrackedController } = tracked();
  const app = makeApp();
  app.server.on("connection", (socket) => sockets.add(socket));
  await serve(TrackedController, {}, app);
  const client = await exchange(app, get("/tracked/short"));
  const finished = (n: number): Promise<void> =>
    client.until(({ received }) => received.split("\r\n0\r\n\r\n").length === n + 1);
  const count = (): Record<string, number> => {
    const [socket] = sockets;
    return Object.fromEntries(
      socket!.eventNames().map((name) => [String(name), socket!.listenerCount(name)]),
    );
  };
  await finished(1);
  const before = count();
  for (let n = 2; n <= 50; n++) {
    client.socket.write(get("/tracked/short").replaceAll("\n", "\r\n"));
    await finished(n);
  }
  expect(sockets.size).toBe(1);
  expect(count()).toEqual(before);
});

it("C6: a reset HTTP/2 stream ends its generator alone", async () => {
  const closings = watchClosings();
  const { TrackedController, counts, release } = tracked();
  const app = await serve(TrackedController, {}, makeApp({ http2: true }));
  const session = connectHttp2(`http://127.0.0.1:${await portOf(app)}`);
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  const streams = [1, 2, 3].map(() => session.request({ ":path": "/tracked/quiet" }));
  for (const stream of streams) stream.on("error", () => {});
  await Promise.all(streams.map((stream) => once(stream, "data")));

  streams[0]!.close(constants.NGHTTP2_CANCEL);
  await vi.waitFor(() => expect(closings).toHaveLength(1));
  release(1);
  await vi.waitFor(() => expect(counts.ended).toBe(1));
  expect(closings).toEqual([{ route: "TrackedController.quiet", reason: "client" }]);
  release();
  await Promise.all(streams.slice(1).map((stream) => once(stream, "end")));
  expect(closings.map(({ reason }) => reason)).toEqual(["client", "complete", "complete"]);
});

it("C6: a destroyed HTTP/2 session closes all of its streams as `client`", async () => {
  const closings = watchClosings();
  const { TrackedController } = tracked();
  const app = await serve(TrackedController, {}, makeApp({ http2: true }));
  const session = connectHttp2(`http://127.0.0.1:${await portOf(app)}`);
  session.on("error", () => {});
  const streams = [1, 2, 3].map(() => session.request({ ":path": "/tracked/quiet" }));
  for (const stream of streams) stream.on("error", () => {});
  await Promise.all(streams.map((stream) => once(stream, "data")));
  session.destroy();
  await vi.waitFor(() =>
    expect(closings.map(({ reason }) => reason)).toEqual(["client", "client", "client"]),
  );
});

it.each(["says goodbye", "resets the stream", "says nothing"])(
  "C6: an HTTP/2 client that is behind and %s is gone, with its socket",
  async (manner) => {
    const closings = watchClosings();
    const finalised = vi.fn();
    @Controller("flood")
    class FloodController {
      @Sse("flood")
      async *flood() {
        try {
          for (;;) yield "x".repeat(1_000);
        } finally {
          finalised();
        }
      }

      @Sse("short")
      *short() {
        yield "short";
      }
    }
    const app = await serve(FloodController, { drainWindow: "1h" }, makeApp({ http2: true }));
    const session = connectHttp2(`http://127.0.0.1:${await portOf(app)}`);
    session.on("error", () => {});
    onTestFinished(() => session.destroy());
    const stopped = session.request({ ":path": "/flood/flood" });
    stopped.on("error", () => {});
    await once(stopped, "response");
    const short = session.request({ ":path": "/flood/short" });
    await once(short.resume(), "close");

    if (manner === "says goodbye") session.destroy();
    else if (manner === "says nothing") session.socket.destroySoon();
    else stopped.close(constants.NGHTTP2_CANCEL);
    await vi.waitFor(() => expect(finalised).toHaveBeenCalledOnce());
    expect(closings.map(({ reason }) => reason)).toEqual(["complete", "client"]);
    if (manner === "resets the stream") session.close();
    await vi.waitFor(async () => expect(await connections(app)).toBe(0));
  },
);

it("C6: a client that closes its half of the connection is gone, as Node has it", async () => {
  const closings = watchClosings();
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", onRejection);
  onTestFinished(() => void process.off("unhandledRejection", onRejection));
  @Controller("flood")
  class FloodController {
    @Sse()
    *flood() {
      for (;;) yield "x".repeat(1_000);
    }
  }
  const app = await serve(FloodController);
  const client = await exchange(app, get("/flood"));
  await client.until(({ body }) => body.length > 100_000);
  client.socket.end();
  await vi.waitFor(() => expect(closings.map(({ reason }) => reason)).toEqual(["client"]));
  expect(rejections).toEqual([]);
});

/** How many sockets a server has. */
function connections(app: {
  server: { getConnections(cb: (e: unknown, n: number) => void): unknown };
}) {
  return new Promise<number>((resolve, reject) => {
    app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
