import "reflect-metadata";
import {
  Connections,
  Controller,
  Param,
  Post,
  Signal,
  Sse,
  SseStream,
  type LiveConnection,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import { describe, expect, it, vi } from "vitest";
import { makeApp, serve } from "../../packages/fastify/test/app.js";
import { exchange } from "../../packages/fastify/test/raw-connection.js";
import { standstill, stoppedClient } from "../../packages/fastify/test/stopped-client.js";
import { watchClosings } from "../../packages/fastify/test/watch.js";

const MIB = 1_048_576;

@Controller("slow")
class SlowController {
  static yielded = 0;
  static ended: string[] = [];
  static waiting = 0;

  @Sse("generator/:name")
  async *generator(@Param("name") name: string, @Signal() signal: AbortSignal) {
    try {
      for (;;) {
        SlowController.yielded++;
        yield "x".repeat(8_192);
      }
    } finally {
      SlowController.ended.push(`${name}, ${signal.aborted ? "aborted" : "not aborted"}`);
    }
  }

  /** Pushes without an end, whoever takes it. */
  @Sse("pushed")
  pushed() {
    const stream = new SseStream();
    const push = (): void => {
      for (let n = 0; n < 16; n++) stream.send("x".repeat(8_192));
      SlowController.waiting = Math.max(SlowController.waiting, stream.bufferedBytes);
    };
    const timer = setInterval(push, 1);
    stream.onClose((reason) => {
      clearInterval(timer);
      SlowController.ended.push(reason);
    });
    return stream;
  }

  @Sse("quiet")
  async *quiet(@Signal() signal: AbortSignal) {
    for (let n = 0; !signal.aborted; n++) {
      yield n;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  @Post("call")
  call() {
    return {};
  }
}

async function slow(options: object = {}, server: object = {}) {
  SlowController.yielded = 0;
  SlowController.ended = [];
  SlowController.waiting = 0;
  const connections = new Connections();
  const providers = [{ provide: Connections, useValue: connections }];
  const app = await serve(SlowController, { providers, ...options }, makeApp(server));
  return { app, connections, closings: watchClosings() };
}

describe("security 12: a client that never reads costs a bounded number of bytes, for a bounded time", () => {
  it("what is pushed to it ends at 1 MiB", async () => {
    const { app, closings } = await slow();
    await stoppedClient(app, "/slow/pushed");
    await vi.waitFor(() => expect(closings).toHaveLength(1), 10_000);
    expect(closings[0]?.reason).toBe("slow-consumer");
    expect(SlowController.ended).toEqual(["slow-consumer"]);
    expect(SlowController.waiting).toBeLessThanOrEqual(MIB);
  });

  it("what is pulled for it stands still, and is cut off after `writeTimeout`", async () => {
    const { app, closings } = await slow({ writeTimeout: 300 });
    await stoppedClient(app, "/slow/generator/a");
    const pulled = await standstill(() => SlowController.yielded);
    // The buffers of the operating system take a few MiB; Sluice adds next to nothing.
    expect(pulled * 8_192).toBeLessThan(32 * MIB);
    await vi.waitFor(() => expect(closings).toHaveLength(1), 5_000);
    expect(closings[0]?.reason).toBe("slow-consumer");
    expect(SlowController.ended).toEqual(["a, aborted"]);
  });
});

describe("security 13: a generator that waits for a slow client ends", () => {
  it("when the client closes", async () => {
    const { app, closings } = await slow();
    const client = await stoppedClient(app, "/slow/generator/a");
    await standstill(() => SlowController.yielded);
    client.socket.destroy();
    await vi.waitFor(() => expect(SlowController.ended).toEqual(["a, aborted"]));
    expect(closings[0]?.reason).toBe("client");
  });

  it("when the stream is aborted, although the client never takes what waits for it", async () => {
    const { app, closings, connections } = await slow();
    await stoppedClient(app, "/slow/generator/a");
    await stoppedClient(app, "/slow/generator/b");
    await standstill(() => SlowController.yielded);
    const isRevoked = ({ id }: LiveConnection): boolean => id === connections.list()[0]!.id;
    expect(connections.close(isRevoked)).toBe(1);
    await vi.waitFor(() => expect(SlowController.ended).toEqual(["a, aborted"]));
    expect(closings).toEqual([{ route: "SlowController.generator", reason: "revoked" }]);
    expect(connections.count()).toBe(1);
  });

  it("when the server closes", async () => {
    const { app } = await slow({ drainWindow: 200 });
    await stoppedClient(app, "/slow/generator/a");
    await standstill(() => SlowController.yielded);
    await app.close();
    expect(SlowController.ended).toEqual(["a, aborted"]);
  });
});

describe("security 21: a request that never ends is answered 408 by Node's timeouts, and open streams go on", () => {
  const SERVER = {
    requestTimeout: 300,
    http: { headersTimeout: 200, connectionsCheckingInterval: 20 },
  };

  it.each([
    ["nothing at all", ""],
    ["a part of the head", "GET /slow/quiet HTTP/1.1\nHost: x\nX-Slow: "],
    [
      "a part of the body",
      "POST /slow/call HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 99\n\n{",
    ],
  ])("where the client sends %s", async (_, request) => {
    const { app } = await slow({}, SERVER);
    await using open = await testSse(app, "/slow/quiet");
    await open.next();
    const client = await exchange(app, request);
    await client.closed();
    expect(client.received).toMatch(/^HTTP\/1\.1 408 /);
    // Its request took longer than any of the timeouts by now, counted from its arrival.
    const { length } = await open.take(25);
    expect(length).toBe(25);
  });

  it("but Fastify sets no limit for the body where none is given", async () => {
    const { app } = await slow();
    expect(app.server).toMatchObject({ headersTimeout: 60_000, requestTimeout: 0 });
  });
});
