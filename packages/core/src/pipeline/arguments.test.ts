import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { z } from "zod";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import {
  Body,
  Controller,
  Cookies,
  createParamDecorator,
  Ctx,
  Get,
  Headers,
  Ip,
  LastEventId,
  Param,
  Post,
  Query,
  Reply,
  Req,
  Signal,
  ValidationError,
  type Class,
  type Context,
  type ParameterDecorator,
} from "../index.js";
import { fakeContext } from "../../test/fake-context.js";
import { compileOne, run } from "../../test/run.js";

/** The arguments of the first route's handler. */
function args(controller: Class, parts: Parameters<typeof fakeContext>[0] = {}): unknown {
  const ctx = fakeContext(parts);
  return compileOne(controller).routes[0]!.invocation(ctx).arguments(ctx);
}

describe("parameters", () => {
  it("take a named value of each part of a request", () => {
    @Controller()
    class Rooms {
      @Post(":jobId") join(
        @Param("jobId") jobId: string,
        @Query("userId") userId: string,
        @Headers("X-Tenant") tenant: string,
        @Body("name") name: string,
        @Cookies("sid") sid: string,
      ) {
        return [jobId, userId, tenant, name, sid];
      }
    }
    const parts = {
      params: { jobId: "a b" },
      query: { userId: "u" },
      headers: { "x-tenant": "t" },
      body: { name: "n" },
      cookies: { sid: "s" },
    };
    expect(args(Rooms, parts)).toEqual(["a b", "u", "t", "n", "s"]);
  });

  it("take the whole of it without a name", () => {
    @Controller()
    class Rooms {
      @Post() join(
        @Param() params: object,
        @Query() query: object,
        @Headers() headers: object,
        @Body() body: object,
        @Cookies() cookies: object,
      ) {
        return [params, query, headers, body, cookies];
      }
    }
    const parts = { params: {}, query: {}, headers: {}, body: {}, cookies: {} };
    const [params, query, headers, body, cookies] = args(Rooms, parts) as unknown[];
    expect(params).toBe(parts.params);
    expect(query).toBe(parts.query);
    expect(headers).toBe(parts.headers);
    expect(body).toBe(parts.body);
    expect(cookies).toBe(parts.cookies);
  });

  it("take the request, the reply, the address, the signal and the context itself", () => {
    @Controller()
    class Rooms {
      @Get() join(
        @Req() request: unknown,
        @Reply() reply: unknown,
        @Ip() ip: string,
        @Signal() signal: AbortSignal,
        @Ctx() ctx: unknown,
      ) {
        return [request, reply, ip, signal, ctx];
      }
    }
    const ctx = fakeContext();
    const route = compileOne(Rooms).routes[0]!;
    const found = route.invocation(ctx).arguments(ctx) as unknown[];
    expect(found).toHaveLength(5);
    for (const [index, value] of [ctx.request, ctx.reply, ctx.ip, ctx.signal, ctx].entries()) {
      expect(found[index]).toBe(value);
    }
  });

  it("do not await a reply, which has a then() in Fastify", () => {
    @Controller()
    class Rooms {
      @Get() join(@Reply() reply: unknown) {
        return reply;
      }
    }
    const then = vi.fn();
    const reply = {};
    Reflect.set(reply, "then", then);
    expect(args(Rooms, { reply })).toEqual([reply]);
    expect(then).not.toHaveBeenCalled();
  });

  it("take the last event's id, and undefined at a first connect", () => {
    @Controller()
    class Rooms {
      @Get() join(@LastEventId() last?: string, @Headers("Last-Event-ID") header?: string) {
        return [last, header];
      }
    }
    expect(args(Rooms)).toEqual([undefined, undefined]);
    // The header as it arrived is latin1, and may carry the end mark; the context's id is neither.
    const headers = { "last-event-id": "Ã¤#end" };
    expect(args(Rooms, { headers, lastEventId: "ä" })).toEqual(["ä", "ä"]);
    expect(args(Rooms, { lastEventId: "from the query" })).toEqual(["from the query", undefined]);
  });

  it("leave a parameter with a default value alone, also before a decorated one", () => {
    @Controller()
    class Rooms {
      @Get() join(one = 1, @Param("id") id = "none", rest = "rest") {
        return [one, id, rest];
      }
    }
    expect(args(Rooms, { params: { id: "7" } })).toEqual([undefined, "7"]);
    return expect(run(Rooms)).resolves.toEqual([1, "none", "rest"]);
  });

  it("refuse a required one without a decorator at the start", () => {
    @Controller()
    class Rooms {
      @Get() join(@Param("id") _id: string, _other: string) {}
    }
    @Controller()
    class Events {
      @Get() join(_first: string) {}
    }
    expect(() => compileOne(Rooms)).toThrow(
      expect.objectContaining({
        code: "ERR_PARAMETER",
        message: expect.stringMatching(/^Rooms\.join: parameter 2 has no decorator/),
      }),
    );
    expect(() => compileOne(Events)).toThrow(/^Events\.join: parameter 1 has no decorator/);
  });

  it("never reach a prototype by a name that the client or the handler gives", () => {
    @Controller()
    class Rooms {
      @Post() join(
        @Param("__proto__") a: unknown,
        @Query("constructor") b: unknown,
        @Headers("toString") c: unknown,
        @Body("hasOwnProperty") d: unknown,
        @Cookies("valueOf") e: unknown,
        @Body("__proto__") f: unknown,
      ) {
        return [a, b, c, d, e, f];
      }
    }
    const parts = { params: {}, query: {}, headers: {}, body: {}, cookies: {} };
    expect(args(Rooms, parts)).toEqual(Array(6).fill(undefined));
    const nothing = { params: undefined, query: null, body: "text", cookies: undefined };
    expect(args(Rooms, nothing)).toEqual(Array(6).fill(undefined));
    const own = { body: JSON.parse('{"__proto__": 1}') as unknown };
    expect(args(Rooms, own)).toEqual([...Array<undefined>(5), 1]);
  });

  it("tell the adapter when a cookie is read", () => {
    @Controller()
    class Rooms {
      @Get("a") a(@Cookies("sid") _sid: string) {}
      @Get("b") b(@Query("sid") _sid: string) {}
    }
    expect(compileOne(Rooms).routes.map(({ usesCookies }) => usesCookies)).toEqual([true, false]);
  });
});

describe("conversion by type", () => {
  @Controller()
  class Typed {
    @Get() join(
      @Query("n") n?: number,
      @Query("b") b?: boolean,
      @Query("s") s?: string,
      @LastEventId() last?: number,
    ) {
      return [n, b, s, last];
    }
  }
  const query = (values: object) => args(Typed, { query: values }) as unknown[];

  it.each([
    ["0", 0],
    ["42", 42],
    ["-1.5", -1.5],
    ["+3", 3],
    [".5", 0.5],
    ["5.", 5],
    ["1e3", 1000],
    ["2.5E-1", 0.25],
    [7, 7],
  ])("makes the number %j of the text", (text, number) => {
    expect(query({ n: text })[0]).toBe(number);
  });

  it.each(["", " ", "1 ", "abc", "0x10", "1_000", "Infinity", "NaN", "1e999", "--1", ".", "٣"])(
    "answers 400 to %j for a number",
    (n) => {
      expect(() => query({ n })).toThrow(
        expect.objectContaining({
          statusCode: 400,
          code: "ERR_VALIDATION",
          message: "query.n: must be a number",
          issues: [{ path: "query.n", message: "must be a number" }],
        }),
      );
    },
  );

  it("makes true and false of their names and of 1 and 0, and of nothing else", () => {
    expect(["true", "1", true].map((b) => query({ b })[1])).toEqual([true, true, true]);
    expect(["false", "0", false].map((b) => query({ b })[1])).toEqual([false, false, false]);
    for (const b of ["", "yes", "TRUE", "2", 1, null, {}]) {
      expect(() => query({ b })).toThrow("query.b: must be true or false");
    }
  });

  it("leaves what is missing undefined", () => {
    expect(query({})).toEqual([undefined, undefined, undefined, undefined]);
    expect(query({ n: undefined })[0]).toBeUndefined();
  });

  it.each(["n", "b", "s"])("answers 400 to a repeated value for %s", (name) => {
    expect(() => query({ [name]: ["1", "1"] })).toThrow(
      expect.objectContaining({
        statusCode: 400,
        message: expect.stringMatching(/given more than once$/),
      }),
    );
  });

  it("answers 400 to anything but a text for a string: a query parser may give objects", () => {
    expect(query({ s: "" })[2]).toBe("");
    expect(() => query({ s: { $ne: "" } })).toThrow("query.s: must be a text");
  });

  it("converts the last event's id, and a whole body", () => {
    expect(args(Typed, { lastEventId: "9" })).toEqual([undefined, undefined, undefined, 9]);
    @Controller()
    class Numbers {
      @Post() add(@Body() n: number) {
        return n;
      }
    }
    expect(args(Numbers, { body: "5" })).toEqual([5]);
    expect(() => args(Numbers, { body: {} })).toThrow("body: must be a number");
  });

  it("tolerates every other type that a compiler may leave in the metadata", () => {
    enum Level {
      low = "low",
    }
    @Controller()
    class Loose {
      @Get() join(
        @Query("a") a: string | number,
        @Query("b") b: unknown,
        @Query("c") c: readonly string[],
        @Query("d") d: Level,
        @Query("e") e: "x" | "y",
      ) {
        return [a, b, c, d, e];
      }
    }
    const values = { a: "1", b: ["2"], c: ["3", "4"], d: "low", e: "x" };
    expect(args(Loose, { query: values })).toEqual(Object.values(values));
  });

  it("leaves a custom parameter and the request alone, whatever their types say", () => {
    const Fixed = createParamDecorator(() => ["1"]);
    @Controller()
    class Rooms {
      @Get() join(@Fixed() n: number, @Req() s: string) {
        return [n, s];
      }
    }
    expect(args(Rooms, { request: 5 })).toEqual([["1"], 5]);
  });

  it("refuses a handler of whose types a compiler left nothing", () => {
    class Rooms {
      join(_id: string) {}
      other(_id: string) {}
    }
    Get("a")(Rooms.prototype, "join", Object.getOwnPropertyDescriptor(Rooms.prototype, "join")!);
    Param("id")(Rooms.prototype, "join", 0);
    Controller()(Rooms);
    expect(() => compileOne(Rooms)).toThrow(
      expect.objectContaining({
        code: "ERR_NO_METADATA",
        message: expect.stringMatching(/^Rooms\.join: .*emitDecoratorMetadata.*schema/),
      }),
    );
    class Checked {
      join(_id: string, _ctx: Context) {}
    }
    const join = Object.getOwnPropertyDescriptor(Checked.prototype, "join")!;
    Get("a")(Checked.prototype, "join", join);
    Param("id", z.string())(Checked.prototype, "join", 0);
    Ctx()(Checked.prototype, "join", 1);
    Controller()(Checked);
    expect(compileOne(Checked).routes).toHaveLength(1);
  });
});

describe("schemas", () => {
  const schemas: Record<string, StandardSchemaV1> = {
    zod: z.object({ user: z.object({ email: z.email() }) }),
    valibot: v.object({ user: v.object({ email: v.pipe(v.string(), v.email()) }) }),
    arktype: type({ user: { email: "string.email" } }),
  };

  it.each(Object.entries(schemas))("check the input with %s", async (_, schema) => {
    @Controller()
    class Users {
      @Post() add(@Body(schema) body: unknown) {
        return body;
      }
    }
    const good = { user: { email: "ada@example.com" } };
    expect(await run(Users, { body: good })).toEqual(good);
    const failure = run(Users, { body: { user: { email: "ada" } } });
    await expect(failure).rejects.toBeInstanceOf(ValidationError);
    await expect(failure).rejects.toMatchObject({
      statusCode: 400,
      code: "ERR_VALIDATION",
      message: expect.stringMatching(/^body\.user\.email: ./),
      issues: [{ path: "body.user.email", message: expect.any(String) }],
    });
  });

  it("check a named value, and hand on what they make of it in place of converting", () => {
    @Controller()
    class Rooms {
      @Get() join(@Query("limit", z.coerce.number().int()) limit: number) {
        return limit;
      }
    }
    expect(args(Rooms, { query: { limit: "5" } })).toEqual([5]);
    expect(() => args(Rooms, { query: { limit: "5.5" } })).toThrow(/^query\.limit: /);
  });

  it("tell several issues in one message", () => {
    const schema = v.object({ a: v.string("not a text"), b: v.number("not a number") });
    @Controller()
    class Rooms {
      @Get() join(@Query(schema) query: unknown) {
        return query;
      }
    }
    expect(() => args(Rooms, { query: {} })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^query\.a: .*; query\.b: /) }),
    );
  });

  it("may be async, and then the first parameter that fails is the answer", async () => {
    const slow = (fails: string) =>
      z.string().refine(async (value) => value !== fails, { error: `is ${fails}` });
    @Controller()
    class Rooms {
      @Get() join(
        @Query("a", slow("x")) a: string,
        @Query("b") b: number,
        @Query("c", slow("x")) c: string,
      ) {
        return [a, b, c];
      }
    }
    expect(await run(Rooms, { query: { a: "1", b: "2", c: "3" } })).toEqual(["1", 2, "3"]);
    const failure = run(Rooms, { query: { a: "x", b: "none", c: "x" } });
    await expect(failure).rejects.toThrow("query.a: is x");
    const second = run(Rooms, { query: { a: "1", b: "none", c: "x" } });
    await expect(second).rejects.toThrow("query.b: must be a number");
  });

  it("may check a cookie, the last id and a custom parameter", () => {
    const Tenant = createParamDecorator((_, ctx) => ctx.headers.tenant);
    const digits = z.string().regex(/^\d+$/, "is not a number");
    @Controller()
    class Rooms {
      @Get() join(
        @Cookies("sid", digits.optional()) _sid: string,
        @LastEventId(digits.optional()) _last: string,
        @Tenant(undefined, digits) _tenant: string,
      ) {}
    }
    const headers = { tenant: "1" };
    expect(args(Rooms, { cookies: { sid: "1" }, lastEventId: "2", headers })).toEqual([
      "1",
      "2",
      "1",
    ]);
    expect(() => args(Rooms, { cookies: { sid: "x" }, headers })).toThrow("cookies.sid: is not");
    expect(() => args(Rooms, { lastEventId: "x", headers })).toThrow("lastEventId: is not");
    expect(() => args(Rooms)).toThrow(/^parameter 3: /);
  });

  it("that throw are a fault of the server's, not of the client's", async () => {
    const broken = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => Promise.reject(new TypeError("bug")),
      },
    } as const;
    @Controller()
    class Rooms {
      @Get() join(@Query(broken) _query: unknown) {}
    }
    await expect(run(Rooms)).rejects.toThrow(TypeError);
  });
});

describe("createParamDecorator", () => {
  it("gives the data and the context, and awaits a promise", async () => {
    const Field = createParamDecorator((name: string, ctx) => Promise.resolve(ctx.query[name]));
    const Address = createParamDecorator((_, ctx) => ctx.ip);
    @Controller()
    class Rooms {
      @Get() join(@Field("q") q: string, @Address() ip: string) {
        return [q, ip];
      }
    }
    expect(await run(Rooms, { query: { q: "tea" } })).toEqual(["tea", "203.0.113.7"]);
  });

  it("asks for its data by type", () => {
    const Field = createParamDecorator((name: string, ctx) => ctx.query[name]);
    const Address = createParamDecorator((_, ctx) => ctx.ip);
    expectTypeOf(Field).parameter(0).toEqualTypeOf<string>();
    expectTypeOf(Address).toBeCallableWith();
    const described = createParamDecorator((_data: unknown, ctx: Context) => ctx.ip);
    expectTypeOf(described).toBeCallableWith();
    const optional = createParamDecorator((name: string | undefined, ctx) => name ?? ctx.ip);
    expectTypeOf(optional).toBeCallableWith();
    // @ts-expect-error its data is needed
    expect(() => Field()).not.toThrow();
    expectTypeOf(Field("x")).toEqualTypeOf<ParameterDecorator>();
  });
});

describe("where a parameter decorator stands", () => {
  class Rooms {
    join(_a: string) {}
  }

  it("is a handler's parameter, not a constructor's or a static method's", () => {
    for (const [target, method] of [
      [Rooms, undefined],
      [Rooms, "create"],
    ] as const) {
      expect(() => Param("id")(target, method, 0)).toThrow(
        expect.objectContaining({
          code: "ERR_DECORATOR",
          message: expect.stringMatching(/^@Param belongs on a parameter of a handler/),
        }),
      );
    }
  });

  it("is a parameter without another one", () => {
    Param("id")(Rooms.prototype, "join", 0);
    expect(() => Query("id")(Rooms.prototype, "join", 0)).toThrow(
      "Rooms.join, parameter 1 has two decorators",
    );
  });

  it("takes a schema or nothing beside the name", () => {
    for (const decorator of [Query({} as never), Query("a", {} as never), Ip(5 as never)]) {
      expect(() => decorator(Rooms.prototype, "join", 1)).toThrow(
        expect.objectContaining({
          code: "ERR_DECORATOR",
          message: expect.stringMatching(/^Rooms\.join, parameter 2: .*Standard Schema/),
        }),
      );
    }
  });

  it("has a type that takes a name, a schema, or both", () => {
    expectTypeOf(Query).toBeCallableWith();
    expectTypeOf(Query).toBeCallableWith("a");
    expectTypeOf(Query).toBeCallableWith("a", z.string());
    expectTypeOf(Query).toBeCallableWith(type("string"));
    expectTypeOf(Query(v.string())).toEqualTypeOf<ParameterDecorator>();
  });
});
