import { describe, expect, expectTypeOf, it, vi } from "vitest";
import {
  Controller,
  Get,
  Injectable,
  Sse,
  UseInterceptors,
  type Interceptor,
  type InterceptorLike,
  type Next,
  type SseSource,
  type Context,
} from "../index.js";
import { compileOne, run } from "../../test/run.js";

/** An interceptor that notes when it is entered and left. */
const noting =
  (notes: string[], name: string) =>
  async (_: Context, next: Next): Promise<SseSource> => {
    notes.push(`> ${name}`);
    const source = await next();
    notes.push(`< ${name}`);
    return source;
  };

describe("interceptors", () => {
  it("wrap in declared order, the first outermost: global, class, method", async () => {
    const notes: string[] = [];
    @Controller()
    @UseInterceptors(noting(notes, "class 1"), noting(notes, "class 2"))
    class Rooms {
      @UseInterceptors(noting(notes, "method 1"))
      @Sse()
      @UseInterceptors(noting(notes, "method 2"))
      join() {
        notes.push("handler");
        return ["event"];
      }
    }
    const app = compileOne(Rooms, { interceptors: [noting(notes, "global")] });
    expect(await run(app)).toEqual(["event"]);
    const order = ["global", "class 1", "class 2", "method 1", "method 2"];
    expect(notes).toEqual([
      ...order.map((name) => `> ${name}`),
      "handler",
      ...order.toReversed().map((name) => `< ${name}`),
    ]);
  });

  it("may be a class, an instance or a function, and give another source", async () => {
    @Injectable()
    class Suffix {
      readonly text = "!";
    }
    @Injectable()
    class Shout implements Interceptor {
      constructor(private readonly suffix: Suffix) {}
      async intercept(_: Context, next: Next) {
        const [first] = (await next()) as string[];
        return [`${first!}${this.suffix.text}`];
      }
    }
    for (const interceptor of [Shout, new Shout(new Suffix()), () => ["hi!"]]) {
      @Controller()
      @UseInterceptors(interceptor)
      class Rooms {
        @Sse() join() {
          return ["hi"];
        }
      }
      expect(await run(Rooms)).toEqual(["hi!"]);
    }
  });

  it("see the handler's error as a rejection, and may answer in its place", async () => {
    @Controller()
    class Rooms {
      @Sse()
      @UseInterceptors((_, next) => next().catch((error: Error) => [error.message]))
      join(): SseSource {
        throw new Error("broken");
      }
    }
    expect(await run(Rooms)).toEqual(["broken"]);
  });

  it("may keep the handler from running", async () => {
    const join = vi.fn();
    @Controller()
    @UseInterceptors(() => ["cached"])
    class Rooms {
      @Sse() join() {
        join();
        return ["fresh"];
      }
    }
    expect(await run(Rooms)).toEqual(["cached"]);
    expect(join).not.toHaveBeenCalled();
  });

  it("may call next() once: the second call rejects", async () => {
    const join = vi.fn(() => ["event"]);
    @Controller()
    @UseInterceptors(async (_, next) => {
      await next();
      return next();
    })
    class Rooms {
      @Sse() join() {
        return join();
      }
    }
    await expect(run(Rooms)).rejects.toMatchObject({
      code: "ERR_INTERCEPTOR",
      message: expect.stringMatching(/^Rooms\.join: an interceptor called next\(\) twice/),
    });
    expect(join).toHaveBeenCalledOnce();
  });

  it("leave a route without any to call its handler directly", () => {
    const source = ["event"];
    @Controller()
    class Rooms {
      @Sse() join() {
        return source;
      }
    }
    const route = compileOne(Rooms).routes[0]!;
    const ctx = {} as Context;
    expect(route.invocation(ctx).call(ctx, [])).toBe(source);
  });

  it("have types that take each of their forms", () => {
    class Log implements Interceptor {
      intercept(_ctx: Context, next: Next) {
        return next();
      }
    }
    expectTypeOf<typeof Log>().toExtend<InterceptorLike>();
    expectTypeOf<Log>().toExtend<InterceptorLike>();
    expectTypeOf<() => number>().not.toExtend<InterceptorLike>();
    expectTypeOf<Next>().returns.toEqualTypeOf<Promise<SseSource>>();
  });
});

describe("routes of verbs", () => {
  it("are passed over by the interceptors of their class and the global ones", async () => {
    const interceptor = vi.fn((_: Context, next: Next) => next());
    @Controller()
    @UseInterceptors(interceptor)
    class Rooms {
      @Get() read() {
        return "read";
      }
      @Sse("join") join() {
        return ["event"];
      }
    }
    const app = compileOne(Rooms, { interceptors: [interceptor] });
    expect(await run(app, {}, "read")).toBe("read");
    expect(interceptor).not.toHaveBeenCalled();
    await run(app, {}, "join");
    expect(interceptor).toHaveBeenCalledTimes(2);
  });

  it("refuse interceptors of their own at the start", () => {
    @Controller()
    class Rooms {
      @Get() @UseInterceptors((_, next) => next()) read() {}
    }
    expect(() => compileOne(Rooms)).toThrow(
      expect.objectContaining({
        code: "ERR_INTERCEPTOR",
        message: expect.stringMatching(/^Rooms\.read: /),
      }),
    );
  });
});

describe("what is no interceptor", () => {
  it.each([
    ["nothing", []],
    ["undefined", [undefined]],
    ["a class without intercept", [class Other {}]],
    ["an object without intercept", [{}]],
    ["null", [null]],
  ])("refuses %s at once, with the name of the class and the method", (_, interceptors) => {
    class Rooms {
      join() {}
    }
    const decorator = UseInterceptors(...(interceptors as InterceptorLike[]));
    expect(() => decorator(Rooms)).toThrow(
      expect.objectContaining({
        code: "ERR_INTERCEPTOR",
        message: expect.stringMatching(/^Rooms: @UseInterceptors/),
      }),
    );
    const descriptor = Object.getOwnPropertyDescriptor(Rooms.prototype, "join")!;
    expect(() => decorator(Rooms.prototype, "join", descriptor)).toThrow(/^Rooms\.join: @Use/);
  });

  it("refuses it among the global interceptors too", () => {
    @Controller()
    class Rooms {
      @Sse() join() {
        return [];
      }
    }
    expect(() => compileOne(Rooms, { interceptors: [undefined as never] })).toThrow(
      /^the global interceptors, interceptor 1 is undefined/,
    );
  });
});
