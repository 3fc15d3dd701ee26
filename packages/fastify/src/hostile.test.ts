import "reflect-metadata";
import { Controller, Sse } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { makeApp, serve } from "../test/app.js";
import { exchange, get } from "../test/raw-connection.js";
import { watchClosings } from "../test/watch.js";

@Controller("alive")
class AliveController {
  @Sse()
  async *alive() {
    for (let n = 0; ; n++) {
      yield n;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

/** Notes what would end the process. */
function watchFaults(): readonly unknown[] {
  const faults: unknown[] = [];
  const note = (fault: unknown): void => void faults.push(fault);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  return faults;
}

it.each([
  ["no HTTP at all", "\x16\x03\x01\x00garbage\n\n"],
  ["a version that there is not", "GET /alive HTTP/9.9\nHost: x\n\n"],
  ["two lengths", "POST /alive HTTP/1.1\nHost: x\nContent-Length: 1\nContent-Length: 2\n\nab"],
  [
    "a length and chunks",
    "GET /alive HTTP/1.1\nHost: x\nContent-Length: 4\nTransfer-Encoding: chunked\n\nabcd",
  ],
  ["a header with a null", "GET /alive HTTP/1.1\nHost: x\nLast-Event-ID: a\0b\n\n"],
  ["no host", "GET /alive HTTP/1.1\n\n"],
  ["a head that is too long", `GET /alive HTTP/1.1\nHost: x\nX: ${"x".repeat(20_000)}\n\n`],
])("a malformed request is answered 4xx, and the server lives: %s", async (_, request) => {
  const faults = watchFaults();
  const app = await serve(AliveController);
  const client = await exchange(app, request);
  await client.until(({ received }) => /^HTTP\/1.1 4\d\d /.test(received));
  client.socket.destroy();
  await using healthy = await testSse(app, "/alive");
  expect((await healthy.take(3)).map(({ data }) => data)).toEqual(["0", "1", "2"]);
  expect(faults).toEqual([]);
});

it("garbage behind a request cuts that stream off alone", async () => {
  const faults = watchFaults();
  const closings = watchClosings();
  const app = await serve(AliveController);
  await using other = await testSse(app, "/alive");
  const client = await exchange(app, get("/alive"));
  await client.until(({ body }) => body.includes("data: 1\n"));
  client.socket.write("\0\0 this is no request\r\n\r\n");
  await client.closed();
  await vi.waitFor(() => expect(closings.map(({ reason }) => reason)).toEqual(["client"]));
  expect(await other.take(3)).toHaveLength(3);
  expect(faults).toEqual([]);
});

it("a body on a GET does not disturb the stream", async () => {
  const app = await serve(AliveController);
  const client = await exchange(
    app,
    get("/alive", { "Content-Type": "application/json", "Content-Length": "7" }) + '{"a":1}',
  );
  await client.until(({ body }) => body.includes("data: 3\n"));
  expect(client.head).toContain("200 OK");
});

it("a client that never finishes its request holds up nothing", async () => {
  const app = await serve(AliveController, {}, makeApp());
  const client = await exchange(app, "GET /alive HTTP/1.1\nHost: x\nX-Slow: ");
  await using healthy = await testSse(app, "/alive");
  expect(await healthy.take(3)).toHaveLength(3);
  expect(client.received).toBe("");
});
