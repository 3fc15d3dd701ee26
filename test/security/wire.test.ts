import "reflect-metadata";
import {
  Channels,
  Controller,
  Get,
  HttpError,
  isLegalId,
  LastEventId,
  Param,
  Query,
  Sse,
  UseGuards,
  type Context,
  type SseEvent,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import { describe, expect, it } from "vitest";
import { makeApp, serve } from "../../packages/fastify/test/app.js";
import { chunksOf, exchange, get } from "../../packages/fastify/test/raw-connection.js";

const FORGED = "x\n\nevent: forged\ndata: 1\n\n";

/** Sends what the client asks for in each field of an event, without a look at it. */
@Controller("echo")
class EchoController {
  constructor(readonly channels: Channels) {}

  @Sse("first")
  *first(@Query() query: Record<string, string>) {
    yield eventOf(query);
  }

  @Sse("second")
  *second(@Query() query: Record<string, string>) {
    yield { id: "1", data: "first" };
    yield eventOf(query);
  }

  @Sse("resumed")
  *resumed() {
    yield { comment: "an end without an id of its own" };
  }

  @Sse("ids")
  *ids(@LastEventId() last?: string) {
    yield { id: "a\ud800", data: { last } };
  }

  @Sse("channels/:name")
  listen(@Param("name") name: string) {
    return this.channels.merge(this.channels.get(name), this.channels.get(`${name} too`));
  }

  @Sse("denied")
  @UseGuards((ctx: Context) => {
    throw new HttpError(401, FORGED, { headers: { "www-authenticate": String(ctx.query["a"]) } });
  })
  *denied() {
    yield 1;
  }

  @Get("called")
  called(@Query("a") a: string) {
    throw new HttpError(403, "No.", { headers: { "x-why": a } });
  }

  @Sse("headers")
  @UseGuards((ctx: Context) => {
    void ctx.reply.header("x-echo", String(ctx.query["a"]));
    return true;
  })
  *headers() {
    yield 1;
  }
}

/** What the query has of an event; a retry as the number that it is. */
function eventOf({ retry, ...rest }: Record<string, string>): SseEvent {
  return { ...rest, ...(retry !== undefined && { retry: Number(retry) }) };
}

const asQuery = (fields: Record<string, string>): string => String(new URLSearchParams(fields));

describe("what a client makes the application send", () => {
  it.each([
    ["event", { event: FORGED, data: "x" }],
    ["event", { event: "x\rid: 1", data: "x" }],
    ["id", { id: FORGED, data: "x" }],
    ["id", { id: "x\rdata: 1", data: "x" }],
  ])(
    "security 1: a line break in an event's name or id throws, before and after the head: %s",
    async (_, fields) => {
      const app = await serve(EchoController);
      await using first = await testSse(app, `/echo/first?${asQuery(fields)}`);
      expect(first.status).toBe(500);
      await using second = await testSse(app, `/echo/second?${asQuery(fields)}`);
      const events = await second.rest();
      expect(events.map(({ data }) => data)).toEqual(["first"]);
      // Nothing of the event is there, and nothing that says the stream were complete.
      expect(second.raw).toBe("id: 1\ndata: first\n\n");
    },
  );

  it.each(["data", "comment"])(
    "security 2: a line break in data or a comment begins a line of it: %s",
    async (name) => {
      const app = await serve(EchoController);
      const fields = { data: "only", [name]: FORGED };
      await using client = await testSse(app, `/echo/first?${asQuery(fields)}`);
      const [event, end] = await client.rest();
      expect(event).toMatchObject({ event: "message", data: fields.data, id: undefined });
      expect(end?.event).toBe("sluice.end");
    },
  );

  it("security 3: a lone CR counts as a line end, too", async () => {
    const app = await serve(EchoController);
    const data = "a\r\revent: forged\rid: 7\rdata: b";
    await using client = await testSse(
      app,
      `/echo/first?${asQuery({ data, comment: "c\r\rdata: forged\r" })}`,
    );
    const events = await client.rest();
    expect(events.map(({ event }) => event)).toEqual(["message", "sluice.end"]);
    expect(events[0]).toMatchObject({ data: data.replaceAll("\r", "\n"), id: undefined });
    expect(client.raw).not.toContain("\r");
  });

  it.each(["1.5", "-1", "x", "Infinity", "2147483648", "1e99"])(
    "security 4: a retry that is no whole number of milliseconds throws: %s",
    async (retry) => {
      const app = await serve(EchoController);
      await using client = await testSse(app, `/echo/first?${asQuery({ retry, data: "x" })}`);
      expect(client.status).toBe(500);
    },
  );

  it.each(["a~b:c", "\u2028", "é\u{1F600}", "#end", "id: x", "__proto__"])(
    "security 5: the ids that Sluice builds hold nothing of a channel's name: %j",
    async (name) => {
      const channels = new Channels();
      const providers = [{ provide: Channels, useValue: channels }];
      const app = await serve(EchoController, { providers });
      await using client = await testSse(app, `/echo/channels/${encodeURIComponent(name)}`);
      await channels.get(name).publish({ event: "said", data: 1 });
      const { id = "" } = await client.next();
      expect(id).toMatch(/^m1(~[\w-]{6}:[\w.-]+){2}$/);
      expect(isLegalId(id)).toBe(true);
    },
  );

  it("security 6: NUL in an id throws, and a lone surrogate is replaced and comes back so", async () => {
    const app = await serve(EchoController);
    await using nul = await testSse(app, "/echo/first?id=a%00b&data=x");
    expect(nul.status).toBe(500);
    await using client = await testSse(app, "/echo/ids");
    expect(await client.next()).toMatchObject({ id: "a\ufffd" });
    await client.disconnect();
    await client.reconnect();
    expect((await client.next()).json).toEqual({ last: "a\ufffd" });
  });
});

describe("what a client sends is not sent back as something else", () => {
  it.each([
    ["in the query", `/echo/resumed?lastEventId=${encodeURIComponent(FORGED)}`, {}],
    ["with a CR", "/echo/resumed?lastEventId=x%0Devent:%20forged", {}],
    ["as C1 control", "/echo/resumed", { "Last-Event-ID": "a\u00c2\u0085b" }],
    ["with lone surrogates", "/echo/resumed?lastEventId=%ED%A0%80", {}],
  ])(
    "security 19: a Last-Event-ID that is no id is left out of the completion frame: %s",
    async (_, path, headers: Record<string, string>) => {
      const app = await serve(EchoController);
      const client = await exchange(app, get(path, { ...headers, Connection: "close" }));
      await client.closed();
      const body = chunksOf(client.body).join("");
      expect(body).toMatch(
        /^: an end without an id of its own\nevent: sluice\.end\nid: \S*#end\ndata: \{"outcome":"done"\}\n\n$/,
      );
      expect(body).not.toContain("forged");
    },
  );

  it.each(["denied", "called", "headers"])(
    "security 20: a line break in a header of an answer splits nothing: %s",
    async (path) => {
      for (const hasHook of [false, true]) {
        const app = makeApp();
        if (hasHook) app.addHook("onSend", async (_request, _reply, payload) => payload);
        await serve(EchoController, {}, app);
        const query = asQuery({ a: "x\r\nSet-Cookie: a=b\r\n\r\nHTTP/1.1 200 OK" });
        const client = await exchange(app, get(`/echo/${path}?${query}`, { Connection: "close" }));
        await client.closed();
        expect(client.head).toMatch(/^HTTP\/1\.1 (401|403|500) /);
        expect(client.received.toLowerCase()).not.toContain("set-cookie");
        expect(client.received.match(/^HTTP\/1\.1/gm)).toHaveLength(1);
        await using healthy = await testSse(app, "/echo/first?data=x");
        expect((await healthy.next()).data).toBe("x");
      }
    },
  );
});
