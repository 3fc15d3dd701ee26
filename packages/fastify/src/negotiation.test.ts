import { Body, Controller, Sse, UseGuards } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { describe, expect, it } from "vitest";
import { makeApp, serve } from "../test/app.js";
import { http2Get } from "../test/http2-get.js";
import { exchange, get } from "../test/raw-connection.js";

let calls = 0;

@Controller("clock")
class Clock {
  @Sse() *root() {
    calls++;
    yield "tick";
  }

  @Sse("private") @UseGuards(() => false) *private() {
    calls++;
    yield "tick";
  }

  @Sse("answer", { method: "POST" }) *answer(@Body("prompt") prompt: string) {
    yield* prompt.split(" ");
  }

  @Sse("replace", {
    method: "PUT",
    schema: { body: { type: "object", required: ["n"], properties: { n: { type: "integer" } } } },
  })
  *replace(@Body() body: { n: number }) {
    yield body.n;
  }
}

describe("Accept", () => {
  const welcome = [
    undefined,
    "",
    "*/*",
    "text/*",
    "text/event-stream",
    "TEXT/EVENT-STREAM",
    "text/event-stream;q=0.1, application/json",
    "application/json, text/event-stream",
    "application/json, */*;q=0.1",
    "text/event-stream; charset=utf-8",
    "text/event-stream;charset=UTF-8, application/json;q=0.5",
  ];
  for (const accept of welcome) {
    it(`O3: ${accept === undefined ? "none" : JSON.stringify(accept)} gets the stream`, async () => {
      const headers = accept === undefined ? {} : { Accept: accept };
      const connection = await exchange(await serve(Clock), get("/clock", headers));
      await connection.until(({ head }) => head !== "");
      expect(connection.head).toMatch(/^HTTP\/1\.1 200 OK/);
    });
  }

  const excluded = [
    "application/json",
    "text/html, application/xhtml+xml",
    "text/event-stream;q=0",
    "text/event-stream;q=0, */*",
    "text/*;q=0, */*",
    "text/event-stream; charset=iso-8859-1",
    "nonsense",
  ];
  for (const accept of excluded) {
    it(`O3: ${JSON.stringify(accept)} is a 406`, async () => {
      await using client = await testSse(await serve(Clock), "/clock", { headers: { accept } });
      expect(client.status).toBe(406);
      expect(await client.text()).toContain("text/event-stream");
    });
  }
});

describe("HEAD", () => {
  it("O3: answers the head, and the handler is not called", async () => {
    const app = await serve(Clock);
    calls = 0;
    await using client = await testSse(app, "/clock", { method: "HEAD" });
    expect(client.status).toBe(200);
    expect(client.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    });
    expect(client.headers).not.toHaveProperty("content-length");
    expect(await client.text()).toBe("");
    expect(calls).toBe(0);
  });

  it("O3: asks the guards, and the Accept header", async () => {
    const app = await serve(Clock);
    await using denied = await testSse(app, "/clock/private", { method: "HEAD" });
    expect(denied.status).toBe(403);
    await using other = await testSse(app, "/clock", {
      method: "HEAD",
      headers: { accept: "text/html" },
    });
    expect(other.status).toBe(406);
    expect(calls).toBe(0);
  });

  it("O3: runs onSend hooks, also on HTTP/2", async () => {
    for (const http2 of [false, true]) {
      const app = makeApp(http2 ? { http2 } : {});
      app.addHook("onSend", async (_request, reply) => void reply.header("x-on-send", "1"));
      await serve(Clock, {}, app);
      const { headers } = http2
        ? await http2Get(app, "/clock", { headers: { ":method": "HEAD" } })
        : await testSse(app, "/clock", { method: "HEAD" });
      expect(headers).toMatchObject({ "x-on-send": "1", "content-type": "text/event-stream" });
    }
  });

  it("O3: is left to Fastify's exposeHeadRoutes", async () => {
    const app = await serve(Clock, {}, makeApp({ exposeHeadRoutes: false }));
    await using client = await testSse(app, "/clock", { method: "HEAD" });
    expect(client.status).toBe(404);
  });

  it("a keep-alive connection serves the next request", async () => {
    const connection = await exchange(
      await serve(Clock),
      get("/clock").replace("GET", "HEAD") + get("/clock", { Connection: "close" }),
    );
    await connection.closed();
    expect(connection.received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });
});

describe("method", () => {
  it("O4: POST streams the answer to a body", async () => {
    await using client = await testSse(await serve(Clock), "/clock/answer", {
      body: { prompt: "all about sluices" },
    });
    expect(client.status).toBe(200);
    expect((await client.take(3)).map(({ data }) => data)).toEqual(["all", "about", "sluices"]);
  });

  it("O4: PUT does too, and Fastify validates its body", async () => {
    const app = await serve(Clock);
    await using right = await testSse(app, "/clock/replace", { method: "PUT", body: { n: 7 } });
    expect((await right.next()).data).toBe("7");
    await using wrong = await testSse(app, "/clock/replace", { method: "PUT", body: { n: "x" } });
    expect(wrong.status).toBe(400);
    await using none = await testSse(app, "/clock/answer", { method: "PUT", body: {} });
    expect(none.status).toBe(404);
  });

  it("O4: a body that is no JSON is a 400", async () => {
    const app = await serve(Clock);
    const broken = await app.inject({
      method: "POST",
      url: "/clock/answer",
      headers: { "content-type": "application/json" },
      payload: '{"prompt":',
    });
    expect(broken.statusCode).toBe(400);
  });

  it("the stream of a POST lives after its body was read", async () => {
    @Controller()
    class Slow {
      @Sse("slow", { method: "POST" }) async *slow() {
        yield 1;
        await new Promise((resolve) => setTimeout(resolve, 30));
        yield 2;
      }
    }
    await using client = await testSse(await serve(Slow), "/slow", { body: {} });
    expect((await client.take(2)).map(({ data }) => data)).toEqual(["1", "2"]);
  });
});
