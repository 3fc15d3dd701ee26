import { describe, expect, expectTypeOf, it, vi } from "vitest";
import type { EventsOf } from "@sluice/protocol";
import { fakeContext } from "../../test/fake-context.js";
import { compileOne, runRoute } from "../../test/run.js";
import {
  Body,
  Controller,
  Get,
  type Invocation,
  Run,
  type RunOptions,
  Runs,
  RunSource,
  Sse,
  type SseEvents,
  UseGuards,
} from "../index.js";

type Answer = { word: { text: string }; sum: number };

const key = (): string => "a";

/** A controller with one method that is decorated so. */
function controllerWith(...decorators: ((...args: never[]) => void)[]) {
  class Words {
    async *words(): SseEvents<Answer> {
      yield { event: "sum", data: 1 };
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Words.prototype, "words")!;
  for (const decorator of decorators)
    (decorator as (...args: unknown[]) => void)(Words.prototype, "words", descriptor);
  Controller("words")(Words);
  return Words;
}

const options = (value: object): RunOptions => value as RunOptions;

describe("@Run", () => {
  it("stands above or below @Sse", async () => {
    for (const decorators of [
      [Run({ key }), Sse()],
      [Sse(), Run({ key })],
    ]) {
      const { routes, runs } = compileOne(controllerWith(...decorators));
      expect(runs).toBeInstanceOf(Runs);
      expect(await runRoute(routes[0]!, fakeContext())).toBeInstanceOf(RunSource);
      expect(runs!.list()).toMatchObject([{ key: "a" }]);
    }
  });

  it("makes nothing for those who do without it", () => {
    expect(compileOne(controllerWith(Sse())).runs).toBeUndefined();
  });

  it("is that of the base where an override has none, and its own where it has one", async () => {
    const Base = controllerWith(Run({ key }), Sse());
    @Controller()
    class Derived extends Base {
      override async *words(): SseEvents<Answer> {}
    }
    @Controller()
    class Other extends Base {
      @Run({ key: () => "of other" })
      override async *words(): SseEvents<Answer> {}
    }
    for (const [controller, expected] of [
      [Derived, "a"],
      [Other, "of other"],
    ] as const) {
      const { routes, runs } = compileOne(controller);
      await runRoute(routes[0]!, fakeContext());
      expect(runs!.list()).toMatchObject([{ key: expected }]);
    }
  });

  it.each([
    ["no route", [Run({ key })]],
    ["a route of a verb", [Run({ key }), Get()]],
    ["both", [Run({ key }), Get("got"), Sse()]],
  ])("is refused on a method with %s", (_, decorators) => {
    const controller = controllerWith(...(decorators as never[]));
    Object.defineProperty(controller.prototype, "other", { value: () => [] });
    Sse("other")(
      controller.prototype,
      "other",
      Object.getOwnPropertyDescriptor(controller.prototype, "other") as never,
    );
    expect(() => compileOne(controller)).toThrow(
      expect.objectContaining({
        code: "ERR_RUN",
        message:
          'Words.words: @Run belongs on a method with @Sse, and with no other route. Make that @Sse(path, { method: "POST" }), or take @Run away.',
      }),
    );
  });

  it("is refused twice, without parentheses and with a wrong option", () => {
    const refused = (decorators: object[], code: string, message: RegExp): void =>
      expect(() => controllerWith(...(decorators as never[]))).toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
      );
    refused([Run({ key }), Run({ key })], "ERR_DECORATOR", /^Words.words has @Run twice/);
    refused(
      [Run],
      "ERR_DECORATOR",
      /^Words.words: @Run has no parentheses. Write @Run\(\{ key: \(ctx\) => ... \}\)\.$/,
    );
    const wrong: [object, RegExp, string?][] = [
      [{}, /: @Run: key must be a function/],
      [{ key: "a" }, /key must be a function of the context, not "a"/],
      [{ key, kept: 1 }, /knows no option "kept". It takes key, keep/],
      [{ key, restart: "always" }, /restart must be "never" or "on-error"/],
      [{ key, shared: 1 }, /shared must be true or false/],
      [{ key, attach: "yes" }, /attach must be true or false/],
      [{ key, maxEvents: 0 }, /maxEvents must be a whole number above 0/],
      [{ key, maxBytes: 1.5 }, /maxBytes must be a whole number above 0/],
      [{ key, maxDuration: 0 }, /maxDuration must be longer than 0/],
      [{ key, keep: "1 m" }, /@Run: keep must be a whole number/, "ERR_DURATION"],
      [{ key, orphan: true }, /@Run: orphan must be a whole number/, "ERR_DURATION"],
    ];
    for (const [given, message, code = "ERR_OPTION"] of wrong)
      refused([Run(options(given))], code, message);
    refused([Run(undefined as never)], "ERR_OPTION", /^Words.words: @Run needs options/);
  });
});

describe("attach", () => {
  it("adds a GET route at the same path, without the schema of a body", () => {
    const schema = { body: {}, querystring: {} };
    const config = {};
    const { routes } = compileOne(
      controllerWith(Run({ key, attach: true }), Sse(":id", { method: "PUT", schema, config })),
    );
    expect(routes).toMatchObject([
      { verb: "PUT", path: "/words/:id", schema, config },
      { verb: "GET", path: "/words/:id", schema: { querystring: {} }, config },
    ]);
    expect(routes[1]!.schema).not.toHaveProperty("body");
  });

  it("is refused for a GET route, and beside another one at its path", () => {
    expect(() => compileOne(controllerWith(Run({ key, attach: true }), Sse()))).toThrow(
      expect.objectContaining({
        code: "ERR_RUN",
        message: expect.stringContaining("attach") as string,
      }),
    );
    const both = [
      Run({ key, attach: true }),
      Sse("", { method: "POST" }),
      Sse("", { method: "PUT" }),
    ];
    expect(() => compileOne(controllerWith(...both))).toThrow(
      expect.objectContaining({ code: "ERR_ROUTE_DUPLICATE" }),
    );
  });

  it("asks the guards, calls no handler and needs none of its arguments", async () => {
    const guard = vi.fn<() => boolean>(() => true);
    const called = vi.fn<() => void>();
    @Controller()
    class Asked {
      @UseGuards(guard)
      @Run({ key, attach: true })
      @Sse("", { method: "POST" })
      async *answer(@Body("question") question: number) {
        called();
        yield { data: question };
      }
    }
    const { routes } = compileOne(Asked);
    const [post, get] = routes.map(
      (route) => () => runRoute(route, fakeContext({ body: { question: 7 } })),
    );
    await expect(get!()).rejects.toMatchObject({ statusCode: 404, code: "ERR_NO_RUN" });
    await post!();
    expect(await get!()).toBeInstanceOf(RunSource);
    expect([guard.mock.calls.length, called.mock.calls.length]).toEqual([3, 1]);
  });
});

describe("types: runs", () => {
  it("a handler's events are those of its source, and those of what attaches to it", () => {
    class Words {
      @Run({ key })
      @Sse()
      async *words(): SseEvents<Answer> {}

      @Sse("attached")
      attached(runs: Runs) {
        return runs.attach<EventsOf<Words["words"]>>("a");
      }
    }
    expectTypeOf<EventsOf<Words["words"]>>().toEqualTypeOf<Answer>();
    expectTypeOf<EventsOf<Words["attached"]>>().toEqualTypeOf<Answer>();
    expectTypeOf<Awaited<ReturnType<Words["attached"]>>>().toEqualTypeOf<RunSource<Answer>>();
    expectTypeOf<RunOptions["key"]>().returns.toEqualTypeOf<string>();
    expectTypeOf<Invocation["call"]>().returns.toBeUnknown();
    expect(new Words()).toBeDefined();
  });

  it("a key is needed, and is a text", () => {
    // @ts-expect-error there is no key
    expect(() => Run({})).not.toThrow();
    // @ts-expect-error it is a promise
    expect(() => Run({ key: async () => "a" })).not.toThrow();
  });
});
