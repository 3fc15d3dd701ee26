import { describe, expect, expectTypeOf, it } from "vitest";
import {
  compile,
  Controller,
  Delete,
  Get,
  Injectable,
  Ip,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Sse,
  UseGuards,
  UseInterceptors,
  type Context,
  type MethodDecorator,
  type SseOptions,
  type StreamDecorator,
} from "../index.js";
import { compileOne, run } from "../../test/run.js";

const table = (...controllers: Parameters<typeof compile>[0]["controllers"]) =>
  compile({ controllers }).routes.map(({ name, verb, path }) => `${name} ${verb} ${path}`);

describe("routes", () => {
  it("joins the controller's path and the method's, for every verb", () => {
    @Controller("rooms")
    class Rooms {
      @Sse("updates") async *updates() {}
      @Sse("answers", { method: "POST" }) async *answers() {}
      @Get(":id") get() {}
      @Post() post() {}
      @Put(":id") put() {}
      @Patch(":id") patch() {}
      @Delete(":id") delete() {}
    }
    expect(table(Rooms)).toEqual([
      "Rooms.updates GET /rooms/updates",
      "Rooms.answers POST /rooms/answers",
      "Rooms.get GET /rooms/:id",
      "Rooms.post POST /rooms",
      "Rooms.put PUT /rooms/:id",
      "Rooms.patch PATCH /rooms/:id",
      "Rooms.delete DELETE /rooms/:id",
    ]);
  });

  it("mounts @Sse() at the controller's path, and that of @Controller() at the root", () => {
    @Controller("events")
    class Events {
      @Sse() async *all() {}
    }
    @Controller()
    class Root {
      @Sse() async *all() {}
    }
    expect(table(Events, Root)).toEqual(["Events.all GET /events", "Root.all GET /"]);
  });

  it("makes a route of each decorator of a method, from the top down", () => {
    const secret = Symbol("secret");
    @Controller()
    class Several {
      @Sse("a") @Sse("b") @Sse("c", { method: "PUT" }) async *[secret]() {}
    }
    expect(table(Several)).toEqual([
      "Several.Symbol(secret) GET /a",
      "Several.Symbol(secret) GET /b",
      "Several.Symbol(secret) PUT /c",
    ]);
  });

  it("hands schema, config and the status on, and freezes what it compiled", () => {
    const schema = {};
    const config = {};
    @Controller()
    class Documented {
      @Sse("s", { schema, config, retry: "2s" }) async *stream() {}
      @Post("p", { schema, config, statusCode: 202 }) post() {}
    }
    const [stream, post] = compileOne(Documented).routes;
    expect(stream).toMatchObject({ kind: "sse", options: { retry: "2s" } });
    expect(post).toMatchObject({ kind: "http", statusCode: 202 });
    for (const route of [stream!, post!]) {
      expect(route.schema).toBe(schema);
      expect(route.config).toBe(config);
      expect(Object.isFrozen(route)).toBe(true);
      expect(Object.isFrozen(route.options)).toBe(true);
    }
  });
});

describe("inheritance", () => {
  abstract class Base {
    @Sse("inherited") async *inherited() {}
    @Sse(":id") async *overridden(@Param("id") id: string): AsyncGenerator {
      yield `base ${id}`;
    }
    @Get("moved") moved(): string {
      return "base";
    }
  }

  @Controller("derived")
  class Derived extends Base {
    override async *overridden(id: string) {
      yield `derived ${id}`;
    }
    @Get("elsewhere") override moved() {
      return "derived";
    }
    @Get("own") own() {}
  }

  it("gives a class the routes of its bases, under its own name and path", () => {
    expect(table(Derived)).toEqual([
      "Derived.inherited GET /derived/inherited",
      "Derived.overridden GET /derived/:id",
      "Derived.moved GET /derived/elsewhere",
      "Derived.own GET /derived/own",
    ]);
  });

  it("keeps the base's metadata for an override without decorators", async () => {
    const parts = { params: { id: "7" } };
    const source = (await run(Derived, parts, "overridden")) as AsyncGenerator;
    expect(await source.next()).toEqual({ done: false, value: "derived 7" });
  });

  it("lets two classes of one base have routes of their own", () => {
    @Controller("other")
    class Other extends Base {}
    expect(table(Other, Derived)).toContain("Other.moved GET /other/moved");
  });

  it("adds an override's guards to the base's, and a class's to its base's", async () => {
    const asked: string[] = [];
    const guard = (name: string) => () => asked.push(name) > 0;
    @UseGuards(guard("base class"))
    class Guarded {
      @UseGuards(guard("base method")) @Get() read(): void {}
    }
    @Controller()
    @UseGuards(guard("class"))
    class More extends Guarded {
      @UseGuards(guard("method")) override read() {}
    }
    await run(More);
    expect(asked).toEqual(["base class", "class", "base method", "method"]);
  });
});

describe("options", () => {
  const decorate = (options: unknown, decorator: (o: never) => ReturnType<typeof Sse>) => () => {
    class Rooms {
      join() {}
    }
    decorator(options as never)(
      Rooms.prototype,
      "join",
      Object.getOwnPropertyDescriptor(Rooms.prototype, "join")!,
    );
  };
  const sse = (options: unknown) => decorate(options, (o) => Sse("x", o));
  const post = (options: unknown) => decorate(options, (o) => Post("x", o));

  it.each([
    ["keepalive", { keepalive: 1 }, "ERR_OPTION"],
    ["method", { method: "DELETE" }, "ERR_OPTION"],
    ["retry", { retry: -1 }, "ERR_DURATION"],
    ["retry", { retry: "soon" }, "ERR_DURATION"],
    ["keepAlive", { keepAlive: 0 }, "ERR_OPTION"],
    ["keepAlive", { keepAlive: true }, "ERR_DURATION"],
    ["openWithin", { openWithin: "1d" }, "ERR_DURATION"],
    ["overflow", { overflow: "drop" }, "ERR_OPTION"],
    ["maxBufferedBytes", { maxBufferedBytes: 1.5 }, "ERR_OPTION"],
    ["maxBufferedBytes", { maxBufferedBytes: "1" }, "ERR_OPTION"],
    ["maxDuration", { maxDuration: 0 }, "ERR_OPTION"],
    ["onComplete", { onComplete: "end" }, "ERR_OPTION"],
    ["onError", { onError: {} }, "ERR_OPTION"],
    ["schema", { schema: null }, "ERR_OPTION"],
    ["config", { config: "x" }, "ERR_OPTION"],
  ])("refuses a wrong %s of @Sse, with the handler's name: %j", (name, options, code) => {
    expect(sse(options)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(new RegExp(`^Rooms\\.join: @Sse.*\\b${name}\\b`)),
      }),
    );
  });

  it.each([
    {},
    { method: "POST", retry: 0, keepAlive: false, openWithin: 0, overflow: "drop-oldest" },
    { keepAlive: "15s", maxBufferedBytes: 0, maxDuration: "1h", onComplete: "reconnect" },
    { onError: () => undefined, schema: {}, config: {}, retry: undefined },
  ])("takes %j", (options) => {
    expect(sse(options)).not.toThrow();
  });

  it.each([{ statusCode: 99 }, { statusCode: "201" }, { retry: 1 }, { schema: 1 }])(
    "refuses %j of a verb",
    (options) => {
      expect(post(options)).toThrow(
        expect.objectContaining({
          code: "ERR_OPTION",
          message: expect.stringMatching(/^Rooms\.join: @Post/),
        }),
      );
    },
  );

  it.each([null, "x"])("refuses %j in place of options", (options) => {
    expect(sse(options)).toThrow(/Rooms\.join: @Sse/);
  });

  it("refuses a path that is not a string", () => {
    expect(decorate(1, (path) => Sse(path))).toThrow(
      expect.objectContaining({ code: "ERR_OPTION" }),
    );
    expect(() => Controller(1 as never)(class Rooms {})).toThrow(/Rooms: the path of @Controller/);
    expect(() => Controller("", { scope: "forever" as never })(class Rooms {})).toThrow(/scope/);
    expect(() => Controller("", { path: "" } as never)(class Rooms {})).toThrow(/path/);
  });

  it("types each option", () => {
    expectTypeOf<SseOptions["method"]>().toEqualTypeOf<"GET" | "POST" | "PUT" | undefined>();
    expectTypeOf<NonNullable<SseOptions["onError"]>>().parameter(1).toEqualTypeOf<Context>();
    expectTypeOf<{ keepalive: 1 }>().not.toExtend<SseOptions>();
  });
});

describe("where a decorator stands", () => {
  const descriptor = { value() {} };
  const decorators: Readonly<Record<string, MethodDecorator>> = {
    "@Sse": Sse(),
    "@Get": Get(),
    "@UseGuards": UseGuards(() => true),
    "@UseInterceptors": UseInterceptors((_, next) => next()),
  };

  it.each(Object.entries(decorators))(
    "refuses %s on a static method at once",
    (name, decorator) => {
      class Rooms {}
      expect(() => decorator(Rooms, "join", descriptor)).toThrow(
        expect.objectContaining({
          code: "ERR_DECORATOR",
          message: expect.stringContaining(`${name} can't stand on the static method Rooms.join`),
        }),
      );
    },
  );

  it.each(Object.entries(decorators))(
    "refuses %s on an accessor or a property",
    (name, decorator) => {
      class Rooms {}
      expect(() => decorator(Rooms.prototype, "join", { get: () => 1 })).toThrow(
        `${name} can't stand on the accessor Rooms.join`,
      );
      expect(() => decorator(Rooms.prototype, "join", undefined as never)).toThrow(
        `${name} can't stand on the property Rooms.join`,
      );
    },
  );

  it("refuses to be a standard decorator, and names the compiler's options", () => {
    const method = Sse() as (value: unknown, context: unknown) => void;
    expect(() => method(() => {}, { kind: "method", name: "join" })).toThrow(
      expect.objectContaining({
        code: "ERR_DECORATOR",
        message: expect.stringContaining("experimentalDecorators"),
      }),
    );
    const controller = Controller() as (value: unknown, context: unknown) => void;
    expect(() => controller(class {}, { kind: "class" })).toThrow(/experimentalDecorators/);
  });

  it.each([
    ["@Sse", Sse],
    ["@Get", Get],
    ["@Query", Query],
    ["@Ip", Ip],
  ])("refuses %s without parentheses", (name, factory) => {
    class Rooms {}
    const bare = factory as (target: object, method: string, third: unknown) => void;
    const refusal = expect.objectContaining({
      code: "ERR_DECORATOR",
      message: `Rooms.join: ${name} has no parentheses. Write ${name}().`,
    });
    expect(() => bare(Rooms.prototype, "join", descriptor)).toThrow(refusal);
    expect(() => bare(Rooms, "join", 0)).toThrow(refusal);
  });

  it("refuses @Controller and @Injectable without parentheses", () => {
    class Rooms {}
    for (const [name, factory] of Object.entries({ Controller, Injectable })) {
      expect(() => (factory as (target: object) => void)(Rooms)).toThrow(
        expect.objectContaining({
          code: "ERR_DECORATOR",
          message: `Rooms: @${name} has no parentheses. Write @${name}().`,
        }),
      );
    }
  });

  it("refuses @Sse on a class and @Controller on a method", () => {
    expect(() => (Sse() as (target: object) => void)(class Rooms {})).toThrow(
      expect.objectContaining({ code: "ERR_DECORATOR" }),
    );
    const controller = Controller() as (target: object, method: string) => void;
    expect(() => controller({}, "join")).toThrow(
      expect.objectContaining({ code: "ERR_DECORATOR" }),
    );
  });

  it("types @Sse as a decorator of methods only", () => {
    expectTypeOf(Sse()).toEqualTypeOf<StreamDecorator>();
    expectTypeOf(Get()).parameters.toEqualTypeOf<[object, string | symbol, PropertyDescriptor]>();
  });
});
