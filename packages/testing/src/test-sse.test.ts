import "reflect-metadata";
import { readFileSync } from "node:fs";
import { Body, Controller, HttpError, LastEventId, Sse, SseStream } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify, { type FastifyInstance } from "fastify";
import { expect, it, onTestFinished } from "vitest";
import { SSE_TEST_ERROR_CODES, SseTestError, testSse } from "./index.js";

@Controller("tested")
class TestedController {
  @Sse("count")
  async *count(@LastEventId() last?: string) {
    for (let n = Number(last ?? 0) + 1; n <= 3; n++)
      yield { event: "n", id: String(n), data: { n } };
  }

  @Sse("quiet", { retry: "2s" })
  quiet() {
    const stream = new SseStream();
    stream.sendComment("hello");
    return stream;
  }

  @Sse("echo", { method: "POST" })
  *echo(@Body() body: unknown) {
    yield { data: body };
  }

  @Sse("refused")
  refused(): never {
    throw new HttpError(401, "no");
  }

  @Sse("bytes")
  *bytes(@LastEventId() last?: string) {
    yield { id: last ?? "zürich €", data: last ?? null };
  }

  @Sse("flood")
  async *flood() {
    for (;;) yield "x".repeat(8_192);
  }
}

async function serve(options: object = {}): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify(options);
  await app.register(sluice, { controllers: [TestedController], drainWindow: 20 });
  onTestFinished(() => app.close());
  return app;
}

it("makes the application listen, and hands out one event after the other", async () => {
  const app = await serve();
  await using client = await testSse(app, "/tested/count");
  expect(client.status).toBe(200);
  expect(client.headers["content-type"]).toBe("text/event-stream");
  expect(await client.next()).toMatchObject({ event: "n", id: "1", json: { n: 1 } });
  expect((await client.take(2)).map(({ json }) => json)).toEqual([{ n: 2 }, { n: 3 }]);
  expect(client.isComplete).toBe(false);
  expect((await client.rest()).map(({ event }) => event)).toEqual(["sluice.end"]);
  expect(client.isComplete).toBe(true);
  expect(await client.ended).toBe(true);
});

it("gives the data as text, and as the server sent it", async () => {
  const app = await serve();
  const received = async (body: unknown) => {
    await using client = await testSse(app, "/tested/echo", { body });
    const { data, json } = await client.next();
    return [data, json];
  };
  expect(await received({ a: [1] })).toEqual(['{"a":[1]}', { a: [1] }]);
  expect(await received("no JSON {")).toEqual(["no JSON {", "no JSON {"]);
  expect(await received("42")).toEqual(["42", 42]);
});

it("`next` with a name refuses an event of another", async () => {
  const app = await serve();
  await using client = await testSse<{ n: { n: number } }>(app, "/tested/count");
  expect((await client.next("n")).json.n).toBe(1);
  await expect(client.next("sluice.reset")).rejects.toMatchObject({
    code: "ERR_ASSERTION",
    message: 'The next event is not "sluice.reset" but n {"n":2} (id 2).',
    actual: "n",
    expected: "sluice.reset",
  });
  expect((await client.next("n")).json.n).toBe(3);
  expect((await client.next("sluice.end")).json.outcome).toBe("done");
});

it("those who wait at the same time get one event each, in their order", async () => {
  const app = await serve();
  await using client = await testSse(app, "/tested/count");
  const events = await Promise.all([client.next(), client.next(), client.next()]);
  expect(events.map(({ id }) => id)).toEqual(["1", "2", "3"]);
});

it("`until` waits for what makes no event", async () => {
  const app = await serve();
  await using client = await testSse(app, "/tested/quiet", { timeout: 20 });
  await client.until(() => client.comments.includes("hello"));
  expect(client.retry).toBe(2_000);
  await client.until(() => true);
  await expect(client.until(() => false)).rejects.toMatchObject({
    code: "ERR_TIMEOUT",
    message: expect.stringContaining("What the test waits for was not so within 20 ms. Received"),
  });
  await expect(
    client.until(() => {
      throw new Error("of the test");
    }),
  ).rejects.toThrow("of the test");
  await using ends = await testSse(app, "/tested/count");
  expect(await codeOf(ends.until(() => false))).toBe("ERR_ENDED");
});

it("reconnects with the id of the last event that the test has taken", async () => {
  const app = await serve();
  await using client = await testSse(app, "/tested/count");
  await client.next();
  expect(client.lastEventId).toBe("1");
  await client.reconnect();
  expect(await client.next()).toMatchObject({ id: "2" });
});

it("sends an id as browsers do, in UTF-8", async () => {
  const app = await serve();
  await using client = await testSse(app, "/tested/bytes");
  await client.next();
  await client.reconnect();
  expect((await client.next()).data).toBe("zürich €");
});

it("sends a body as JSON, by POST", async () => {
  const app = await serve();
  await using client = await testSse(app, "/tested/echo", { body: { a: [1] } });
  expect((await client.next()).json).toEqual({ a: [1] });
});

it("keeps comments, the reconnection time and the raw text", async () => {
  const app = await serve();
  await using client = await testSse(app, "/tested/quiet");
  await expect.poll(() => client.raw).toBe("retry: 2000\n: hello\n");
  expect(client.comments).toEqual(["hello"]);
  expect(client.retry).toBe(2_000);
});

it("`for await` goes on to the end of the stream", async () => {
  const app = await serve();
  await using client = await testSse(app, "/tested/count");
  const ids: (string | undefined)[] = [];
  for await (const event of client) ids.push(event.id);
  expect(ids).toEqual(["1", "2", "3", "3#end"]);
});

const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "resolved",
    (error: unknown) => (error instanceof SseTestError ? error.code : error),
  );

it("tells what a test waits for in vain", async () => {
  const app = await serve();
  await using quiet = await testSse(app, "/tested/quiet", { timeout: 20 });
  const late = quiet.next();
  await expect(late).rejects.toThrow(
    'No event within 20 ms (sluice.position is not counted). Received so far: "retry: 2000',
  );
  expect(await codeOf(late)).toBe("ERR_TIMEOUT");
  await using short = await testSse(app, "/tested/count");
  await short.rest();
  expect(await codeOf(short.next())).toBe("ERR_ENDED");
  await using refused = await testSse(app, "/tested/refused");
  expect(refused.status).toBe(401);
  expect(await codeOf(refused.next())).toBe("ERR_NOT_A_STREAM");
  expect(SSE_TEST_ERROR_CODES).toContain("ERR_LEAK");
});

it("a client that leaves while a test waits for an event ends the wait", async () => {
  const app = await serve();
  const client = await testSse(app, "/tested/quiet");
  const next = client.next();
  await client.disconnect();
  expect(await codeOf(next)).toBe("ERR_ENDED");
  expect(await client.ended).toBe(false);
  await client.disconnect();
});

it("`pause` stops reading until `resume`", async () => {
  const app = await serve();
  await using client = await testSse(app, "/tested/flood");
  await client.next();
  client.pause();
  await new Promise(setImmediate);
  const before = client.raw.length;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(client.raw.length).toBe(before);
  client.resume();
  await expect.poll(() => client.raw.length).toBeGreaterThan(before);
});

it("refuses an application that listens on no TCP port, and leaves nothing when it can't connect", async () => {
  const app = await serve();
  const path = `/tmp/sluice-test-${process.pid}.sock`;
  await app.listen({ path });
  expect(await codeOf(testSse(app, "/tested/count"))).toBe("ERR_ADDRESS");

  const closed = await serve();
  await closed.listen({ host: "127.0.0.1", port: 0 });
  const address = closed.server.address();
  await closed.close();
  closed.server.address = () => address;
  await expect(testSse(closed, "/tested/count")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

it("connects by TLS where the application has it", async () => {
  const fixture = (name: string): Buffer =>
    readFileSync(new URL(`../../fastify/test/fixtures/localhost-${name}.pem`, import.meta.url));
  const app = await serve({ https: { key: fixture("key"), cert: fixture("cert") } });
  await using client = await testSse(app, "/tested/count");
  expect(await client.take(3)).toHaveLength(3);
});
