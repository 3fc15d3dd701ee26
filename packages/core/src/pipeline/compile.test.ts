import { describe, expect, expectTypeOf, it, vi } from "vitest";
import {
  compile,
  Controller,
  type CompiledRoute,
  type Context,
  Get,
  Param,
  Post,
  type RouteInfo,
  Sse,
  UseGuards,
} from "../index.js";
import { fakeContext } from "../../test/fake-context.js";
import { compileOne, run } from "../../test/run.js";

const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({ name: "SluiceError", code, message: expect.stringMatching(message) });

describe("controllers", () => {
  it.each([
    ["undefined", undefined],
    ["an object", {}],
    ["a function", () => {}],
  ])("refuses %s in their list", (_, controller) => {
    expect(() => compile({ controllers: [controller as never] })).toThrow(
      refusal("ERR_CONTROLLER", /^controllers\[0\] is/),
    );
  });

  it("refuses a class with routes and without @Controller()", () => {
    class Rooms {
      @Sse() async *join() {}
    }
    expect(() => compileOne(Rooms)).toThrow(
      refusal("ERR_CONTROLLER", /^Rooms has routes outside of a controller. Add @Controller\(\)/),
    );
  });

  it("refuses a class that has neither, and a controller without routes", () => {
    class Service {}
    expect(() => compileOne(Service)).toThrow(
      refusal("ERR_CONTROLLER", /^Service .*no @Controller/),
    );
    @Controller()
    class Empty {
      join() {}
    }
    expect(() => compileOne(Empty)).toThrow(refusal("ERR_CONTROLLER", /^Empty has no routes/));
  });

  it("refuses one that is listed twice", () => {
    @Controller()
    class Rooms {
      @Sse() async *join() {}
    }
    @Controller("other")
    class Other extends Rooms {}
    expect(() => compile({ controllers: [Rooms, Other, Rooms] })).toThrow(
      refusal("ERR_CONTROLLER", /^Rooms is listed twice: it is controllers\[0\] and .*\[2\]/),
    );
    expect(() => compile({ controllers: [Rooms, Other] })).not.toThrow();
  });

  it("refuses a route that a derived class overrides with anything but a method", () => {
    @Controller()
    class Base {
      @Get() read(): unknown {
        return 1;
      }
    }
    class Derived extends Base {}
    Object.defineProperty(Derived.prototype, "read", { value: 5 });
    expect(() => compileOne(Derived)).toThrow(refusal("ERR_CONTROLLER", /^Derived\.read/));
  });
});

describe("two routes at one place", () => {
  @Controller("a")
  class First {
    @Sse(":x") async *one(@Param("x") _x: string) {}
  }
  @Controller()
  class Second {
    @Get("/a/:y/") two(@Param("y") _y: string) {}
  }
  @Controller()
  class Third {
    @Post("/a/:y") three(@Param("y") _y: string) {}
    @Get("/a/b") four() {}
  }

  it("are refused with both names, whatever their parameters are called", () => {
    expect(() => compile({ controllers: [First, Second] })).toThrow(
      refusal("ERR_ROUTE_DUPLICATE", /First\.one \(\/a\/:x\) and Second\.two \(\/a\/:y\) .* GET/),
    );
  });

  it("may differ by verb, or by a fixed part", () => {
    expect(compile({ controllers: [First, Third] }).routes).toHaveLength(3);
  });
});

describe("a request", () => {
  it("goes through one frozen invocation, whatever the request, without request scope", () => {
    @Controller()
    class Rooms {
      @Sse() async *join() {}
    }
    const route = compileOne(Rooms).routes[0]!;
    const invocation = route.invocation(fakeContext());
    expect(route.invocation(fakeContext())).toBe(invocation);
    expect(Object.isFrozen(invocation)).toBe(true);
    expect(invocation.dispose()).toBeUndefined();
    expect(invocation.arguments(fakeContext())).toEqual([]);
  });

  it("looks no metadata up: everything was compiled at the start", async () => {
    @Controller()
    @UseGuards(() => true)
    class Rooms {
      @Get(":id") read(@Param("id") id: string) {
        return id;
      }
    }
    const app = compileOne(Rooms);
    const lookUps = [
      vi.spyOn(Reflect, "getMetadata"),
      vi.spyOn(Reflect, "getOwnMetadata"),
      vi.spyOn(Reflect, "hasOwnMetadata"),
    ];
    expect(await run(app, { params: { id: "1" } })).toBe("1");
    for (const lookUp of lookUps) {
      expect(lookUp).not.toHaveBeenCalled();
      lookUp.mockRestore();
    }
  });

  it("calls the handler on its controller", async () => {
    @Controller()
    class Rooms {
      readonly #name = "rooms";
      @Get() read() {
        return this.#name;
      }
    }
    expect(await run(Rooms)).toBe("rooms");
  });

  it("has headers of the types that Node gives them", () => {
    expectTypeOf<Context["headers"]["authorization"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Context["headers"]["x-own"]>().toEqualTypeOf<string | string[] | undefined>();
  });

  it("can be told by its route which handler it came to", () => {
    @Controller("rooms")
    class Rooms {
      @Sse(":room") async *join(@Param("room") _room: string) {}
    }
    const info: RouteInfo = compileOne(Rooms).routes[0]!;
    expect(info).toMatchObject({
      name: "Rooms.join",
      controller: Rooms,
      method: "join",
      verb: "GET",
      path: "/rooms/:room",
    });
    expectTypeOf<CompiledRoute>().toExtend<RouteInfo>();
    expectTypeOf<CompiledRoute["kind"]>().toEqualTypeOf<"sse" | "http">();
  });
});
