import "reflect-metadata";
import { gzipSync } from "node:zlib";
import {
  Body,
  Channels,
  Connections,
  Controller,
  Ctx,
  Get,
  Headers,
  type Context,
  Param,
  Post,
  Query,
  Sse,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import type { InjectOptions } from "fastify";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serve } from "../../packages/fastify/test/app.js";
import { exchange, get } from "../../packages/fastify/test/raw-connection.js";

const NAMES = ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString"];

@Controller("in")
class InputController {
  constructor(
    readonly channels: Channels,
    readonly connections: Connections,
  ) {}

  @Sse("params/:__proto__/:constructor")
  *params(@Param("__proto__") a: unknown, @Param("constructor") b: unknown) {
    yield { data: { a: String(a), b } };
  }

  @Sse("named/:name")
  named(@Param("name") name: string, @Ctx() ctx: Context) {
    ctx.connection.tag(name, name);
    return this.channels.get(name);
  }

  @Post("named/:name")
  say(@Param("name") name: string, @Headers("x-data") data: string) {
    return this.channels.get(name).publish({ event: name, data });
  }

  @Get("tags")
  tags() {
    return this.connections.list().map(({ tags }) => Object.fromEntries(tags));
  }

  @Get("query")
  query(@Query() query: Record<string, unknown>) {
    return { names: Object.keys(query), isPolluted: "polluted" in query };
  }

  @Post("body")
  body(@Body() body: unknown, @Body("constructor") own: unknown) {
    return { type: typeof body, own: own ?? null };
  }

  @Sse("rooms/:room")
  room(@Param("room") room: string) {
    return this.channels.get(`room:${room}`);
  }

  @Sse("checked/:room")
  checked(@Param("room", z.string().regex(/^[\w-]{1,64}$/)) room: string) {
    return this.channels.get(`room:${room}`);
  }

  /** As nobody should: what a client sends is an event. */
  @Post("whole")
  whole(@Body() body: { data: unknown }) {
    return this.channels.get("whole").publish(body);
  }

  @Post("data")
  data(@Body() body: unknown) {
    return this.channels.get("whole").publish({ data: body });
  }

  @Sse("whole")
  listen() {
    return this.channels.get("whole");
  }
}

async function input() {
  const app = await serve(InputController);
  const post = (url: string, options: InjectOptions) =>
    app.inject({ method: "POST", url, ...options });
  return { app, post };
}

const JSON_TYPE = { "content-type": "application/json" };

describe("security 18: the names of Object.prototype are names like any other", () => {
  it("as parameters of a path", async () => {
    const { app } = await input();
    await using client = await testSse(app, "/in/params/x/y");
    expect((await client.next()).json).toMatchObject({ b: "y" });
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it.each(NAMES)("as the name of a channel, an event and a tag: %s", async (name) => {
    const { app, post } = await input();
    await using client = await testSse(app, `/in/named/${name}`);
    await using other = await testSse(app, "/in/named/other");
    expect((await app.inject("/in/tags")).json()).toHaveLength(2);
    const said = await post(`/in/named/${name}`, { headers: { "x-data": "1" } });
    expect(said.json()).toMatchObject({ local: 1 });
    expect(await client.next()).toMatchObject({ event: name, data: "1" });
    await post("/in/named/other", { headers: { "x-data": "2" } });
    expect(await other.next()).toMatchObject({ event: "other", data: "2" });
  });

  it("as keys of a query", async () => {
    const { app } = await input();
    const query = NAMES.map((name) => `${name}=1&${name}[polluted]=1`).join("&");
    const { statusCode, json } = await app.inject(`/in/query?${query}`);
    expect(statusCode).toBe(200);
    expect(json()).toEqual({
      names: NAMES.flatMap((name) => [name, `${name}[polluted]`]),
      isPolluted: false,
    });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each([
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"a":{"\\u005f_proto__":{"polluted":1}}}',
  ])("as keys of a body, where Fastify refuses them: %s", async (payload) => {
    const { post } = await input();
    expect((await post("/in/body", { headers: JSON_TYPE, payload })).statusCode).toBe(400);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("security 24: a body is refused before it costs much", () => {
  it("when it is longer than Fastify's bodyLimit, of 1 MiB", async () => {
    const { post } = await input();
    const payload = JSON.stringify("x".repeat(1_048_576));
    expect((await post("/in/data", { headers: JSON_TYPE, payload })).statusCode).toBe(413);
  });

  it("when it is compressed: nothing here unpacks it", async () => {
    const { post } = await input();
    const payload = gzipSync(JSON.stringify("x".repeat(50_000_000)));
    expect(payload.length).toBeLessThan(100_000);
    for (const encoding of ["gzip", "deflate"]) {
      const headers = { ...JSON_TYPE, "content-encoding": encoding };
      expect((await post("/in/data", { headers, payload })).statusCode).toBe(400);
    }
  });

  it("when it is too deep to be written as JSON again: a 500, and nobody is sent anything", async () => {
    const { app, post } = await input();
    await using listener = await testSse(app, "/in/whole");
    const payload = "[".repeat(500_000) + "]".repeat(500_000);
    const { statusCode } = await post("/in/data", { headers: JSON_TYPE, payload });
    expect(statusCode).toBe(500);
    await post("/in/data", { headers: JSON_TYPE, payload: "[1]" });
    expect((await listener.next()).json).toEqual([1]);
  });

  it("when it is all line breaks it grows sevenfold at most, once for all clients", async () => {
    const { app, post } = await input();
    await using listener = await testSse(app, "/in/whole");
    const payload = JSON.stringify("\n".repeat(500_000));
    expect((await post("/in/data", { headers: JSON_TYPE, payload })).statusCode).toBe(200);
    expect((await listener.next()).data).toHaveLength(500_000);
    expect(listener.raw.length).toBeLessThan(500_001 * 7 + 200);
  });
});

describe("security 25: what a client sends is not sent on as an event of its making", () => {
  it.each([
    ["a reserved name", { event: "sluice.end", data: { outcome: "done" } }],
    ["a reserved name", { event: "sluice.reset", data: { channels: [], reason: "lost" } }],
    ["an id", { id: "1.aaaaaaaa.1", data: 1 }],
    ["a line break in its name", { event: "x\ndata: forged", data: 1 }],
    ["a field that no event has", { type: "x", data: 1 }],
  ])("with %s it is refused, and nobody is sent anything", async (_, body) => {
    const { app, post } = await input();
    await using listener = await testSse(app, "/in/whole");
    const payload = JSON.stringify(body);
    expect((await post("/in/whole", { headers: JSON_TYPE, payload })).statusCode).toBe(500);
    await post("/in/data", { headers: JSON_TYPE, payload });
    expect(await listener.next()).toMatchObject({ event: "message", data: payload });
  });
});

describe("security 26: a name that a client makes up for a channel has no control character and an end", () => {
  it.each(["a%0Ab", "%0D", "%7F", "%C2%85"])(
    "is no name with a control character: %s",
    async (room) => {
      const { app } = await input();
      await using client = await testSse(app, `/in/rooms/${room}`);
      // The application has let it get so far: to check what clients send is its own.
      expect(client.status).toBe(500);
      expect(await client.text()).not.toContain("room:");
      await using checked = await testSse(app, `/in/checked/${room}`);
      expect(checked.status).toBe(400);
    },
  );

  it("is no longer than Fastify takes a parameter", async () => {
    const { app } = await input();
    await using client = await testSse(app, `/in/rooms/${"x".repeat(101)}`);
    expect(client.status).toBe(414);
  });
});

it("security 27: thousands of parameters in a query are read in time that grows with their number", async () => {
  const { app } = await input();
  const pairs = Array.from({ length: 2_000 }, (_, n) => `a${n}=`).join("&");
  const client = await exchange(app, get(`/in/query?${pairs}`, { Connection: "close" }));
  await client.closed();
  expect(client.head).toContain("200 OK");
});
