import "reflect-metadata";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { Controller, Get, Post, Sse, SseStream, UseGuards } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { makeApp, portOf, serve } from "../test/app.js";
import { chunksOf, exchange, get } from "../test/raw-connection.js";
import { standstill, stoppedClient } from "../test/stopped-client.js";
import { nextOpened, watchClosings } from "../test/watch.js";
import { sluice } from "./plugin.js";

const never = new Promise<never>(() => {});

@Controller("open")
class OpenController {
  static guarded = 0;
  static handled = 0;
  static flooded = 0;

  @Sse("quiet")
  async *quiet() {
    yield "hello";
    await never;
  }

  @Sse("flood")
  async *flood() {
    for (;;) {
      OpenController.flooded++;
      yield "x".repeat(8_192);
    }
  }

  @Sse("stream")
  stream() {
    const stream = new SseStream();
    stream.send("hello");
    return stream;
  }

  @Sse("guarded")
  @UseGuards(() => {
    OpenController.guarded++;
    return never;
  })
  *guarded() {
    yield "never";
  }

  @Get("call")
  call() {
    return never;
  }

  @Get("quick")
  @Post("quick")
  quick() {
    return {};
  }

  @Sse("handled")
  handled(): Promise<SseStream> {
    OpenController.handled++;
    return never;
  }
}

const retryOf = (body: string): number => Number(/(?:^|\n)retry: (\d+)\n$/.exec(body)?.[1]);

it("Q4: a server with open streams of every kind closes within the window, and tells each client when to come back", async () => {
  const window = 400;
  const closings = watchClosings();
  const app = makeApp();
  await serve(OpenController, { drainWindow: window }, app);
  // A hook of this kind sends the head another way.
  await app.register(async (inner) => {
    inner.addHook("onSend", async (_request, reply) => void reply.header("x-hooked", "yes"));
    await serve(OpenController, { drainWindow: window, prefix: "/hooked" }, inner);
  });
  const port = await portOf(app);
  const reading = await Promise.all(
    ["/open/quiet", "/open/stream", "/hooked/open/quiet", "/hooked/open/stream"].map((path) =>
      testSse(app, path),
    ),
  );
  for (const client of reading) await client.next();
  const opened = nextOpened();
  const stopped = await stoppedClient(app, "/open/flood");
  await opened;
  await standstill(() => OpenController.flooded);
  const pending = await Promise.all(
    ["guarded", "handled"].map((path) => exchange(app, get(`/open/${path}`))),
  );
  await vi.waitFor(() => expect([OpenController.guarded, OpenController.handled]).toEqual([1, 1]));

  const began = performance.now();
  const closing = app.close();
  await Promise.all(reading.map((client) => client.ended));
  expect(performance.now() - began).toBeLessThan(window);
  await Promise.all([closing, app.close()]);
  expect(performance.now() - began).toBeGreaterThanOrEqual(window - 5);
  expect(performance.now() - began).toBeLessThan(window + 1_000);

  expect(await Promise.all(reading.map((client) => client.ended))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  const retries = reading.map(({ raw }) => retryOf(raw));
  for (const retry of retries) {
    expect(retry).toBeGreaterThan(window);
    expect(retry).toBeLessThanOrEqual(window * 2 + 1);
  }
  expect(new Set(retries).size).toBeGreaterThan(1);
  for (const { raw } of reading) expect(raw).not.toContain("sluice.end");

  stopped.socket.resume();
  await stopped.closed();
  expect(stopped.received.endsWith("\r\n0\r\n\r\n")).toBe(false);
  for (const client of pending) expect((await client.closed()).received).toBe("");
  expect(closings.map(({ reason }) => reason)).toEqual(Array.from({ length: 5 }, () => "shutdown"));
  await expect(fetch(`http://127.0.0.1:${port}/open/quiet`)).rejects.toThrow();
});

it("Q4: without a slow client the window is not waited for", async () => {
  const app = await serve(OpenController, { drainWindow: "1h" });
  const client = await exchange(app, get("/open/quiet"));
  await client.until(({ body }) => body.includes("hello"));
  await app.close();
  await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
  expect(retryOf(chunksOf(client.body).join(""))).toBeGreaterThan(3_600_000);
});

const REST = "Host: localhost\nContent-Type: application/json\nContent-Length: 10\n\n{";

it.each([
  ["a request that is never answered", get("/open/call")],
  ["a request whose body never ends", `POST /open/quick HTTP/1.1\n${REST}`],
  ["half of a request on a used socket", `${get("/open/quick")}GET /open/quick HTTP/1.1\nHost:`],
  ["half of a request behind a stream", `${get("/open/quiet")}GET /open/quick HTTP/1.1\nHost:`],
])("Q4: %s holds the server no longer than the window", async (_, sent) => {
  const app = await serve(OpenController, { drainWindow: 300 });
  const arrived = once(app.server, "request");
  const client = await exchange(app, sent);
  await arrived;
  if (!sent.includes("call") && !sent.startsWith("POST"))
    await client.until(({ received }) => received !== "");
  const began = performance.now();
  await app.close();
  expect(performance.now() - began).toBeLessThan(2_000);
  await client.closed();
});

it("Q4: over HTTP/2, a request that is never answered holds the server no longer than the window", async () => {
  const app = await serve(OpenController, { drainWindow: 300 }, makeApp({ http2: true }));
  const session = connectHttp2(`http://127.0.0.1:${await portOf(app)}`);
  session.on("error", () => {});
  const arrived = once(app.server, "stream");
  session.request({ ":path": "/open/call" }).on("error", () => {});
  await arrived;
  const closed = once(session, "close");
  const began = performance.now();
  await app.close();
  expect(performance.now() - began).toBeLessThan(2_000);
  await closed;
});

it("Q4: nothing new is admitted while it drains, also where Fastify would let it in", async () => {
  let letGo!: () => void;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const app = makeApp({ return503OnClosing: false });
  await serve(OpenController, { onDrain: () => gate }, app);
  const { guarded, handled } = OpenController;
  const port = await portOf(app);
  const closing = app.close();
  for (const path of ["guarded", "handled"]) {
    const headers = { connection: "close" };
    const answer = await fetch(`http://127.0.0.1:${port}/open/${path}`, { headers });
    expect(answer.status).toBe(503);
  }
  expect([OpenController.guarded, OpenController.handled]).toEqual([guarded, handled]);
  letGo();
  await closing;
});

it("Q4: HTTP/2 streams end with a `retry`, and their sessions are closed", async () => {
  const app = await serve(OpenController, { drainWindow: "1h" }, makeApp({ http2: true }));
  const session = connectHttp2(`http://127.0.0.1:${await portOf(app)}`);
  const goaway = once(session, "goaway");
  const streams = ["quiet", "stream"].map((path) =>
    session.request({ ":path": `/open/${path}` }).setEncoding("utf8"),
  );
  const texts = streams.map(() => "");
  streams.forEach((stream, index) => stream.on("data", (text: string) => (texts[index] += text)));
  await Promise.all(streams.map((stream) => once(stream, "data")));
  const ended = streams.map((stream) => once(stream, "end"));
  await app.close();
  await Promise.all([goaway, ...ended]);
  for (const text of texts) expect(retryOf(text)).toBeGreaterThan(3_600_000);
});

/** An HTTP/2 frame (RFC 9113 section 4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

it("Q4: an HTTP/2 client that has stopped reading its socket does not keep the server", async () => {
  const app = await serve(OpenController, { drainWindow: 50 }, makeApp({ http2: true }));
  const socket = connect(await portOf(app), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  const path = Buffer.from("/open/flood");
  const huge = Buffer.from([0x7f, 0, 0, 0]);
  const opened = nextOpened();
  socket.pause().write(
    Buffer.concat([
      Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      // SETTINGS with the largest initial window, and as much for the connection.
      frame(4, 0, 0, Buffer.concat([Buffer.from([0, 4]), huge])),
      frame(8, 0, 0, huge),
      // HEADERS that end the stream: GET, http, the authority "x", the path.
      frame(
        1,
        5,
        1,
        Buffer.concat([Buffer.from([0x82, 0x86, 0x01, 1, 0x78, 0x04, path.length]), path]),
      ),
    ]),
  );
  await opened;
  await app.close();
  const began = once(socket, "close");
  socket.resume();
  await began;
  expect(socket.bytesRead).toBeGreaterThan(0);
});

it("Q4: a stream whose head is being worked on when the server closes ends at once", async () => {
  const closings = watchClosings();
  const app = makeApp();
  let go!: () => void;
  const working = new Promise<void>((asked) => {
    app.addHook("onSend", async () => {
      asked();
      await new Promise<void>((resolve) => (go = resolve));
    });
  });
  await serve(OpenController, { drainWindow: "1h" }, app);
  const client = await exchange(app, get("/open/quiet"));
  await working;
  const closing = app.close();
  await new Promise(setImmediate);
  go();
  await closing;
  await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
  expect(retryOf(chunksOf(client.body).join(""))).toBeGreaterThan(3_600_000);
  expect(closings).toEqual([{ route: "OpenController.quiet", reason: "shutdown" }]);
});

it("Q4: several registrations drain at the same time, and many of them warn of nothing", async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  const window = 300;
  const app = makeApp();
  const sockets: Socket[] = [];
  app.server.on("connection", (socket) => sockets.push(socket));
  for (let n = 0; n < 12; n++) {
    await app.register(sluice, {
      controllers: [OpenController],
      prefix: `/${n}`,
      drainWindow: window,
    });
  }
  for (let n = 0; n < 4; n++) {
    const opened = nextOpened();
    await stoppedClient(app, `/${n}/open/flood`);
    await opened;
  }
  await standstill(() => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0));
  const began = performance.now();
  await app.close();
  expect(performance.now() - began).toBeGreaterThanOrEqual(window - 5);
  expect(performance.now() - began).toBeLessThan(window * 3);
  expect(warnings).toEqual([]);
});

it("Q4: nothing keeps the process after the close: it exits by itself", async () => {
  const path = fileURLToPath(new URL("../test/fixtures/closing-server.mjs", import.meta.url));
  const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "exit")) as [number | null];
  expect({ code, output }).toEqual({ code: 0, output: "closed\n" });
});

it("Q4: a client that only opened a socket, or sent half a request, does not keep the server", async () => {
  const app = await serve(OpenController, { drainWindow: 100 });
  const arrived = vi.fn();
  app.server.on("connection", arrived);
  const port = await portOf(app);
  const sockets = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  sockets[1]!.write("GET /open/quiet HTTP/1.1\r\nhost:");
  await vi.waitFor(() => expect(arrived).toHaveBeenCalledTimes(2));
  const closed = Promise.all(
    sockets.map((socket) =>
      once(
        socket.on("error", () => {}),
        "close",
      ),
    ),
  );
  await app.close();
  await closed;
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true]);
});
