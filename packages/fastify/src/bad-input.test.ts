import {
  Body,
  type Context,
  Controller,
  Ctx,
  Get,
  Headers,
  Param,
  Post,
  Query,
  Sse,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import { describe, expect, it } from "vitest";
import { serve } from "../test/app.js";
import { exchange, get } from "../test/raw-connection.js";

@Controller("in")
class Input {
  @Sse("query") *query(
    @Query("__proto__") proto: unknown,
    @Query("constructor") constructor: unknown,
    @Query("toString") toString: unknown,
  ) {
    yield { data: { proto, constructor, toString } };
  }
  @Sse("param/:__proto__") *param(@Param("__proto__") proto: unknown) {
    yield { data: { proto } };
  }
  @Sse("headers") *headers(@Headers("__proto__") proto: unknown) {
    yield { data: { proto } };
  }
  @Post("body") body(@Body("polluted") polluted: unknown, @Body() body: object) {
    return { polluted: polluted ?? null, keys: Object.keys(body) };
  }
  @Sse("all") *all(@Query() query: Record<string, unknown>, @Ctx() ctx: Context) {
    yield { data: { ...query, same: ctx.query === query } };
  }
  @Get("echo/:text") echo(@Param("text") text: string) {
    return { text };
  }
  @Sse("text/:text") *text(@Param("text") text: string) {
    yield text;
  }
}

describe("hostile input", () => {
  it("names of Object.prototype are ordinary names in the query", async () => {
    const app = await serve(Input);
    await using none = await testSse(app, "/in/query");
    expect((await none.next()).json).toEqual({});
    await using all = await testSse(app, "/in/query?__proto__=a&constructor=b&toString=c");
    expect((await all.next()).data).toBe('{"proto":"a","constructor":"b","toString":"c"}');
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });

  it("__proto__ as a parameter's or a header's name reaches no prototype", async () => {
    const app = await serve(Input);
    await using param = await testSse(app, "/in/param/x");
    expect(["{}", '{"proto":"x"}']).toContain((await param.next()).data);
    await using header = await testSse(app, "/in/headers");
    expect((await header.next()).data).toBe("{}");
    const connection = await exchange(
      app,
      get("/in/headers", { __proto__x: "1", "__proto__ ": "" }),
    );
    await connection.until(({ head }) => head !== "");
    expect(connection.head).toMatch(/^HTTP\/1\.1 400/);
  });

  it("__proto__ in a body is refused by Fastify", async () => {
    const app = await serve(Input);
    const answer = await app.inject({
      method: "POST",
      url: "/in/body",
      headers: { "content-type": "application/json" },
      payload: '{"__proto__":{"polluted":true}}',
    });
    expect(answer.statusCode).toBe(400);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("a line break from the path is data, and cannot begin a field", async () => {
    const app = await serve(Input);
    const text = encodeURIComponent("a\n\nevent: forged\rid: 1\r\ndata: x");
    await using client = await testSse(app, `/in/text/${text}`);
    expect(await client.next()).toMatchObject({
      event: "message",
      data: "a\n\nevent: forged\nid: 1\ndata: x",
      id: undefined,
    });
  });

  it("a path that can't be decoded is a 400, and an unknown one a 404", async () => {
    const app = await serve(Input);
    await using broken = await testSse(app, "/in/text/%E0%A4%A");
    expect(broken.status).toBe(400);
    await using unknown = await testSse(app, "/in/nowhere");
    expect(unknown.status).toBe(404);
  });

  it("a repeated value is a list where it is wanted, and @Query() is the whole", async () => {
    await using client = await testSse(await serve(Input), "/in/all?a=1&a=2&b=");
    expect((await client.next()).json).toEqual({ a: ["1", "2"], b: "", same: true });
  });

  it("a message is never more than what was sent: nothing of the request is in an error's head", async () => {
    const connection = await exchange(
      await serve(Input),
      get("/in/text/x", { Accept: "a/b\tc", Connection: "close" }),
    );
    await connection.closed();
    expect(connection.head).toMatch(/^HTTP\/1\.1 406/);
    expect(connection.received).not.toContain("a/b");
  });
});
