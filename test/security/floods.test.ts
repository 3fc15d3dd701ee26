import "reflect-metadata";
import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import {
  Channels,
  Connections,
  Controller,
  type Context,
  Injectable,
  MemoryBroker,
  Param,
  Post,
  Signal,
  Sse,
  SseStream,
  UseGuards,
} from "@sluice/core";
import { testSse, watchLeaks } from "@sluice/testing";
import type { FastifyInstance } from "fastify";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { makeApp, portOf, serve } from "../../packages/fastify/test/app.js";
import { http2Get } from "../../packages/fastify/test/http2-get.js";
import { exchange, get } from "../../packages/fastify/test/raw-connection.js";

/** The generators of one application. */
@Injectable()
class Running {
  started = 0;
  ended = 0;
}

@Controller("flood")
class FloodController {
  constructor(
    readonly channels: Channels,
    readonly running: Running,
  ) {}

  @Sse("open")
  open() {
    const stream = new SseStream();
    stream.send("open");
    return stream;
  }

  @Sse("own")
  @UseGuards(async (ctx: Context) => {
    await new Promise((resolve) => setImmediate(resolve));
    return ctx.headers["x-user"] !== undefined;
  })
  own() {
    return this.open();
  }

  @Sse("generator")
  async *generator(@Signal() signal: AbortSignal) {
    this.running.started++;
    try {
      for (let n = 0; !signal.aborted; n++) {
        yield n;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      this.running.ended++;
    }
  }

  @Post("rooms/:room")
  say(@Param("room") room: string) {
    return this.channels.get(`room:${room}`).publish({ event: "said", data: 1 });
  }
}

async function flooded(options: object = {}, server: object = {}) {
  const connections = new Connections();
  const running = new Running();
  const providers = [
    { provide: Connections, useValue: connections },
    { provide: Running, useValue: running },
  ];
  const app = await serve(FloodController, { providers, ...options }, makeApp(server));
  await portOf(app);
  return { app, connections, running };
}

/** What a client behind a proxy on this machine is answered. */
const from = (app: FastifyInstance, forwarded: string) =>
  testSse(app, "/flood/open", { headers: { "x-forwarded-for": forwarded } });

describe("security 14: a flood of connections is refused beyond the limits, and others are served", () => {
  it("from one address: 429 with Retry-After, while another address gets its events", async () => {
    const { app, connections } = await flooded(
      { limits: { perIp: 10, total: 100 } },
      { trustProxy: "127.0.0.1" },
    );
    const flood = await Promise.all(Array.from({ length: 200 }, () => from(app, "203.0.113.9")));
    const refused = flood.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(190);
    for (const { headers } of refused) expect(headers["retry-after"]).toMatch(/^[5-9]$/);
    await using other = await from(app, "203.0.113.10");
    expect((await other.next()).data).toBe("open");
    expect(connections.count()).toBe(11);
  });

  it("from one that names others as its address, which a proxy that is known does not believe", async () => {
    const { app, connections } = await flooded(
      { limits: { perIp: 2 } },
      { trustProxy: "127.0.0.1" },
    );
    const flood = await Promise.all(
      Array.from({ length: 20 }, (_, n) => from(app, `198.51.100.${n}, 203.0.113.9`)),
    );
    expect(flood.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(connections.list().map(({ ip }) => ip)).toEqual(["203.0.113.9", "203.0.113.9"]);
  });

  it("from many addresses: 503 with Retry-After", async () => {
    const { app } = await flooded({ limits: { total: 20 } }, { trustProxy: "127.0.0.1" });
    const flood = await Promise.all(
      Array.from({ length: 100 }, (_, n) => from(app, `198.51.100.${n}`)),
    );
    const refused = flood.filter(({ status }) => status === 503);
    expect(refused).toHaveLength(80);
    for (const { headers } of refused) expect(headers["retry-after"]).toMatch(/^[5-9]$/);
  });

  it("of one user, however many requests are with the guards at once", async () => {
    const { app, connections } = await flooded({
      limits: { perPrincipal: 3 },
      principal: async (request: { headers: Record<string, unknown> }) => {
        await new Promise((resolve) => setImmediate(resolve));
        return request.headers["x-user"] as string | undefined;
      },
    });
    const flood = await Promise.all(
      Array.from({ length: 60 }, () =>
        testSse(app, "/flood/own", { headers: { "x-user": "eve" } }),
      ),
    );
    expect(flood.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(connections.count(({ principal }) => principal === "eve")).toBe(3);
  });

  it("of resets: places are given back, and every source ends", async () => {
    const { app, connections, running } = await flooded({ limits: { total: 400 } });
    const port = await portOf(app);
    using leaks = watchLeaks();
    for (let wave = 0; wave < 3; wave++) {
      const sockets = Array.from({ length: 300 }, () => connect(port, "127.0.0.1"));
      onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
      for (const socket of sockets) {
        socket.on("error", () => {});
        socket.write(get("/flood/generator").replaceAll("\n", "\r\n"));
      }
      await vi.waitFor(() => expect(connections.count()).toBe(300), 10_000);
      for (const socket of sockets) socket.resetAndDestroy();
      await vi.waitFor(() => expect(connections.count()).toBe(0), 10_000);
    }
    await vi.waitFor(() => expect(running.ended).toBe(running.started));
    await leaks.verify(5_000);
  });
});

describe("security 22: requests that are pipelined on one socket each count, and end with it", () => {
  it("without a limit all of them end together", async () => {
    const { app, connections, running } = await flooded();
    const client = await exchange(app, get("/flood/generator").repeat(200));
    await vi.waitFor(() => expect(connections.count()).toBeGreaterThan(1));
    client.socket.destroy();
    await vi.waitFor(() => expect(connections.count()).toBe(0));
    await vi.waitFor(() => expect(running.ended).toBe(running.started));
  });

  it("with a limit those beyond it are never begun", async () => {
    const { app, connections, running } = await flooded({ limits: { perIp: 5 } });
    const client = await exchange(app, get("/flood/generator").repeat(200));
    await client.until(({ body }) => body.includes("data: 3\n"));
    expect([connections.count(), running.started]).toEqual([5, 5]);
  });
});

describe("security 18: HTTP/2 streams that are opened and reset at once", () => {
  /** Opens and resets so many streams on a session of its own, or as many as the server lets it. */
  async function resetMany(app: FastifyInstance, count: number): Promise<void> {
    const session = connectHttp2(`http://127.0.0.1:${await portOf(app)}`);
    session.on("error", () => {});
    onTestFinished(() => session.destroy());
    await once(session, "connect");
    for (let opened = 0; opened < count && !session.closed && !session.destroyed; opened += 100) {
      const streams = Array.from({ length: 100 }, () =>
        session.request({ ":path": "/flood/generator" }).on("error", () => {}),
      );
      // The requests go out, and then their resets.
      await new Promise((resolve) => setImmediate(resolve));
      for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  it.each([600, 3_000])(
    "%i of them: all generators end, and the process is well",
    async (count) => {
      const { app, connections, running } = await flooded({}, { http2: true });
      await resetMany(app, count);
      const healthy = await http2Get(app, "/flood/generator");
      expect(healthy.headers[":status"]).toBe(200);
      await vi.waitFor(() => expect(connections.count()).toBe(1), 10_000);
      await vi.waitFor(() => expect(running.started - running.ended).toBe(1), 10_000);
      expect(running.started).toBeGreaterThan(100);
    },
  );

  it("of which each counts while it is open", async () => {
    const { app, connections } = await flooded({ limits: { perIp: 5 } }, { http2: true });
    const session = connectHttp2(`http://127.0.0.1:${await portOf(app)}`);
    onTestFinished(() => session.destroy());
    const answers = Array.from({ length: 50 }, async () => {
      const stream = session.request({ ":path": "/flood/open" });
      const [headers] = (await once(stream, "response")) as [{ ":status": number }];
      return headers[":status"];
    });
    const statuses = await Promise.all(answers);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(45);
    expect(connections.count()).toBe(5);
  });
});

it("security 23: events to ever new channels take no more memory than `maxBytes`", async () => {
  const broker = new MemoryBroker({ maxBytes: 100_000 });
  const { app } = await flooded({ channels: { broker } });
  for (let n = 0; n < 500; n++) {
    const { statusCode } = await app.inject({ method: "POST", url: `/flood/rooms/${n}` });
    expect(statusCode).toBe(200);
  }
  expect(broker.bytes).toBeLessThanOrEqual(100_000);
  // A room weighs more than its one event.
  expect(broker.channels).toBeLessThan(125);
});
