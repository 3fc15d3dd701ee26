import { describe, expect, expectTypeOf, it, vi } from "vitest";
import {
  Controller,
  every,
  Get,
  type Guard,
  type GuardFunction,
  type GuardLike,
  HttpError,
  Injectable,
  not,
  Req,
  some,
  Sse,
  UseGuards,
  type Context,
} from "../index.js";
import { compileOne, run } from "../../test/run.js";

/** What comes of a request through one guard: "passed", or the status of the error. */
async function answer(guard: unknown): Promise<unknown> {
  @Controller()
  @UseGuards(guard as GuardLike)
  class Rooms {
    @Get() read() {
      return "passed";
    }
  }
  try {
    return await run(Rooms);
  } catch (error) {
    return error instanceof HttpError ? error.statusCode : error;
  }
}

const yes: GuardFunction = () => true;
const no: GuardFunction = () => false;
const later =
  (value: unknown): GuardFunction =>
  async () =>
    value as boolean;
const throws = (error: unknown): GuardFunction => {
  return () => {
    throw error;
  };
};
const unauthorized = new HttpError(401);

describe("a guard", () => {
  it("may be a class, an instance or a function, and may be async", async () => {
    class SignedIn implements Guard {
      canActivate() {
        return true;
      }
    }
    for (const guard of [SignedIn, new SignedIn(), yes, later(true), async () => true]) {
      expect(await answer(guard)).toBe("passed");
    }
  });

  it.each([false, undefined, null, 1, "true", {}, new Boolean(true)])(
    "denies with 403 when it answers %j: only true lets pass",
    async (value) => {
      expect(await answer(() => value)).toBe(403);
      expect(await answer(later(value))).toBe(403);
      expect(await answer({ canActivate: () => value })).toBe(403);
    },
  );

  it("denies with the code ERR_DENIED, and a reason phrase for a message", async () => {
    for (const guard of [no, later(false), every(yes, no)]) {
      @Controller()
      class Rooms {
        @UseGuards(yes, guard) @Get() read() {}
      }
      await expect(run(Rooms)).rejects.toMatchObject({ code: "ERR_DENIED", message: "Forbidden" });
    }
  });

  it("denies with the status that it throws, and any other error is what it is", async () => {
    expect(await answer(throws(unauthorized))).toBe(401);
    expect(await answer(() => Promise.reject(unauthorized))).toBe(401);
    const bug = new TypeError("bug");
    expect(await answer(throws(bug))).toBe(bug);
  });

  it("keeps the handler and the arguments from running when it denies", async () => {
    const read = vi.fn();
    const argument = vi.fn();
    @Controller()
    class Rooms {
      @UseGuards(no) @Get() read(
        @Req({ "~standard": { version: 1, vendor: "test", validate: argument } }) _: unknown,
      ) {
        read();
      }
    }
    await expect(run(Rooms)).rejects.toMatchObject({ statusCode: 403 });
    expect(read).not.toHaveBeenCalled();
    expect(argument).not.toHaveBeenCalled();
  });

  it("can leave a user on the request, which @Req() then sees", async () => {
    const identify = (ctx: Context) => {
      (ctx.request as unknown as { user: string }).user = "ada";
      return true;
    };
    @Controller()
    class Private {
      @Get() @UseGuards(identify) read(@Req() request: { user?: string }) {
        return request.user;
      }
    }
    expect(await run(Private, { request: {} })).toBe("ada");
  });

  it("is injected as a class, and called on its own object", async () => {
    @Injectable()
    class Members {
      readonly names = ["ada"];
    }
    @Injectable()
    class MemberOnly implements Guard {
      constructor(private readonly members: Members) {}
      canActivate(ctx: Context) {
        return this.members.names.includes(ctx.params.name ?? "");
      }
    }
    @Controller()
    class Rooms {
      @UseGuards(MemberOnly) @Get() read() {
        return "passed";
      }
    }
    expect(await run(Rooms, { params: { name: "ada" } })).toBe("passed");
    await expect(run(Rooms, { params: { name: "bob" } })).rejects.toMatchObject({ status: 403 });
  });

  it("answers without a promise when none of the guards gives one", () => {
    @Controller()
    @UseGuards(yes)
    class Rooms {
      @Get() @UseGuards(yes, { canActivate: yes }) read() {}
    }
    const route = compileOne(Rooms).routes[0]!;
    expect(route.invocation({} as Context).authorize({} as Context)).toBeUndefined();
  });

  it("has a type that takes each of its forms", () => {
    class SignedIn implements Guard {
      canActivate(_ctx: Context) {
        return true;
      }
    }
    expectTypeOf<typeof SignedIn>().toExtend<GuardLike>();
    expectTypeOf<SignedIn>().toExtend<GuardLike>();
    expectTypeOf<ReturnType<typeof every>>().toExtend<GuardLike>();
    expectTypeOf<() => string>().not.toExtend<GuardLike>();
  });
});

describe("the order of guards", () => {
  it("is global, class, method; and from the top down for several decorators", async () => {
    const asked: string[] = [];
    const guard = (name: string) => () => {
      asked.push(name);
      return true;
    };
    @Controller()
    @UseGuards(guard("class 1"), guard("class 2"))
    @UseGuards(guard("class 3"))
    class Rooms {
      @UseGuards(guard("method 1"))
      @Get()
      @UseGuards(guard("method 2"), guard("method 3"))
      read() {}
    }
    await run(compileOne(Rooms, { guards: [guard("global")] }));
    expect(asked).toEqual([
      "global",
      "class 1",
      "class 2",
      "class 3",
      "method 1",
      "method 2",
      "method 3",
    ]);
  });

  it("makes no difference above or below @Sse", async () => {
    @Controller()
    class Rooms {
      @UseGuards(no) @Sse("above") async *above() {}
      @Sse("below") @UseGuards(no) async *below() {}
      @Sse("open") async *open() {}
    }
    const app = compileOne(Rooms);
    await expect(run(app, {}, "above")).rejects.toMatchObject({ status: 403 });
    await expect(run(app, {}, "below")).rejects.toMatchObject({ status: 403 });
    expect(await run(app, {}, "open")).toHaveProperty("next");
  });

  it("ends at the first denial, also behind an async guard", async () => {
    const after = vi.fn(yes);
    for (const first of [no, later(false)]) {
      @Controller()
      @UseGuards(yes, first, after)
      class Rooms {
        @Get() read() {}
      }
      await expect(run(Rooms)).rejects.toMatchObject({ status: 403 });
    }
    @Controller()
    @UseGuards(later(true), no, after)
    class Rooms {
      @Get() read() {}
    }
    await expect(run(Rooms)).rejects.toMatchObject({ status: 403 });
    expect(after).not.toHaveBeenCalled();
  });
});

describe("every, some and not", () => {
  const bug = new TypeError("bug");

  it("every passes when each does, and stops at the first that does not", async () => {
    const after = vi.fn(yes);
    expect(await answer(every(yes, later(true)))).toBe("passed");
    expect(await answer(every(yes, no, after))).toBe(403);
    expect(await answer(every(throws(unauthorized), after))).toBe(401);
    expect(after).not.toHaveBeenCalled();
  });

  it("some passes when one does, and stops there", async () => {
    const after = vi.fn(yes);
    expect(await answer(some(no, later(true), after))).toBe("passed");
    expect(await answer(some(no, later(false)))).toBe(403);
    expect(after).not.toHaveBeenCalled();
  });

  it("some takes a thrown 4xx for a denial, and answers with the first if none passes", async () => {
    expect(await answer(some(throws(unauthorized), yes))).toBe("passed");
    expect(await answer(some(no, throws(unauthorized), throws(new HttpError(404)), no))).toBe(401);
  });

  it("some answers with any other throw at once", async () => {
    const after = vi.fn(yes);
    expect(await answer(some(throws(bug), after))).toBe(bug);
    expect(await answer(some(throws(new HttpError(503)), after))).toBe(503);
    expect(after).not.toHaveBeenCalled();
  });

  it("not passes only when the guard answers exactly false", async () => {
    expect(await answer(not(no))).toBe("passed");
    expect(await answer(not(later(false)))).toBe("passed");
    expect(await answer(not(yes))).toBe(403);
    for (const unclear of [undefined, null, 0, "", Number.NaN]) {
      expect(await answer(not(() => unclear as never))).toBe(403);
    }
    expect(await answer(not(throws(unauthorized)))).toBe(401);
    expect(await answer(not(throws(bug)))).toBe(bug);
  });

  it("never turns an unclear answer into a pass, however deep it stands", async () => {
    const unclear = (() => undefined) as unknown as GuardFunction;
    expect(await answer(not(every(unclear)))).toBe(403);
    expect(await answer(not(every(yes, unclear)))).toBe(403);
    expect(await answer(not(some(no, unclear)))).toBe(403);
    expect(await answer(not(not(unclear)))).toBe(403);
    expect(await answer(not(not(not(unclear))))).toBe(403);
  });

  it("nest, and take classes that are injected", async () => {
    @Injectable()
    class Banned implements Guard {
      canActivate(ctx: Context) {
        return ctx.ip === "192.0.2.1";
      }
    }
    @Controller()
    @UseGuards(every(yes, some(no, not(Banned))))
    class Rooms {
      @Get() read() {
        return "passed";
      }
    }
    expect(await run(Rooms)).toBe("passed");
    await expect(run(Rooms, { ip: "192.0.2.1" })).rejects.toMatchObject({ status: 403 });
  });
});

describe("what is no guard", () => {
  class Arrow {
    canActivate = () => true;
  }

  it.each([
    ["nothing", () => UseGuards()],
    ["undefined", () => UseGuards(undefined as never)],
    ["an empty every()", () => UseGuards(every())],
    ["an empty some()", () => UseGuards(yes, some())],
    ["undefined in a nested not()", () => UseGuards(every(yes, not(undefined as never)))],
    ["a class that keeps canActivate in a property", () => UseGuards(Arrow)],
    ["a class without canActivate", () => UseGuards(class Other {} as never)],
    ["an object without canActivate", () => UseGuards({} as never)],
    ["null", () => UseGuards(null as never)],
    ["true", () => UseGuards(true as never)],
  ])("refuses %s at once, with the name of the class and the method", (_, decorator) => {
    class Rooms {
      join() {}
    }
    expect(() => decorator()(Rooms)).toThrow(
      expect.objectContaining({
        code: "ERR_GUARD",
        message: expect.stringMatching(/^Rooms: @UseGuards/),
      }),
    );
    const descriptor = Object.getOwnPropertyDescriptor(Rooms.prototype, "join")!;
    expect(() => decorator()(Rooms.prototype, "join", descriptor)).toThrow(
      expect.objectContaining({
        code: "ERR_GUARD",
        message: expect.stringMatching(/^Rooms\.join: @UseGuards/),
      }),
    );
  });

  it("refuses it among the global guards too", () => {
    @Controller()
    class Rooms {
      @Get() read() {}
    }
    expect(() => compileOne(Rooms, { guards: [undefined as never] })).toThrow(
      /^the global guards, guard 1 is undefined/,
    );
  });
});
