import "reflect-metadata";
import cookie from "@fastify/cookie";
import {
  type Class,
  Controller,
  Cookies,
  Get,
  Injectable,
  Post,
  Sse,
  SluiceError,
} from "@sluice/core";
import { describe, expect, it } from "vitest";
import { makeApp, serve } from "../test/app.js";
import { sluice, SluicePluginError, type SluiceOptions } from "./index.js";

@Controller("clock")
class Clock {
  @Sse("tick") *tick() {
    yield 1;
  }
}

/** Why an application does not start. */
async function refusal(options: object, app = makeApp()): Promise<unknown> {
  try {
    await app.register(sluice, options as SluiceOptions);
    await app.ready();
    return undefined;
  } catch (error) {
    return error;
  }
}

function refuse(controller: Class, options: object = {}, app = makeApp()): Promise<unknown> {
  return refusal({ controllers: [controller], ...options }, app);
}

function show(value: unknown): string {
  return typeof value === "function" ? value.name || "a function" : JSON.stringify(value);
}

describe("options", () => {
  const wrong: readonly (readonly [option: string, value: unknown, message: RegExp])[] = [
    ["controllers", undefined, /"controllers".*array of classes/],
    ["controllers", Clock, /"controllers".*array of classes/],
    ["controller", [Clock], /no such option.*"controller".*controllers, providers/],
    ["maxBufferedBytes", -1, /"maxBufferedBytes".*whole number/],
    ["maxBufferedBytes", "1MB", /"maxBufferedBytes".*whole number.*not '1MB'/],
    ["overflow", "explode", /"overflow".*disconnect, drop-oldest, drop-newest/],
    ["onComplete", true, /"onComplete".*stop, reconnect/],
    ["keepAlive", 0, /"keepAlive".*longer than 0/],
    ["maxDuration", "0s", /"maxDuration".*longer than 0/],
    ["stuckAfter", 0, /"stuckAfter".*longer than 0/],
    ["providers", {}, /"providers".*array/],
    ["guards", () => true, /"guards".*array/],
    ["interceptors", "none", /"interceptors".*array/],
  ];
  for (const [option, value, message] of wrong) {
    it(`${option}: ${show(value)} is refused at the start, by name`, async () => {
      const error = await refuse(Clock, { [option]: value });
      expect(error).toBeInstanceOf(SluicePluginError);
      expect(error).toMatchObject({
        code: "ERR_OPTION",
        message: expect.stringMatching(message) as string,
      });
    });
  }

  for (const option of [
    "keepAlive",
    "openWithin",
    "retry",
    "maxDuration",
    "drainWindow",
    "stuckAfter",
  ]) {
    it(`${option} that is no duration is refused by name`, async () => {
      for (const value of ["soon", -1, 1.5, "3 weeks", null, true, 2 ** 31]) {
        const error = await refuse(Clock, { [option]: value });
        expect(error).toBeInstanceOf(SluiceError);
        expect(error).toMatchObject({ code: "ERR_DURATION" });
        expect((error as Error).message).toContain(option);
      }
    });
  }

  it("an option that is undefined is one that is left out", async () => {
    expect(
      await refuse(Clock, { retry: undefined, keepAlive: undefined, guards: undefined }),
    ).toBeUndefined();
  });

  it("a prefix and Fastify's log options are not Sluice's to refuse", async () => {
    expect(await refuse(Clock, { prefix: "/x", logLevel: "warn" })).toBeUndefined();
  });
});

describe("the application around", () => {
  it("a connectionTimeout at or under the keep-alive is refused", async () => {
    for (const connectionTimeout of [1, 15_000]) {
      const error = await refuse(Clock, {}, makeApp({ connectionTimeout }));
      expect(error).toMatchObject({ code: "ERR_CONNECTION_TIMEOUT" });
      expect((error as Error).message).toMatch(
        /Clock\.tick.*connectionTimeout.*keep-alive after 15000 ms/,
      );
    }
    expect(await refuse(Clock, {}, makeApp({ connectionTimeout: 15_001 }))).toBeUndefined();
    expect(
      await refuse(Clock, { keepAlive: 500 }, makeApp({ connectionTimeout: 1000 })),
    ).toBeUndefined();
  });

  it("@Cookies without a cookie parser is refused, by handler and remedy", async () => {
    @Controller()
    class Reading {
      @Sse("read") *read(@Cookies("sid") sid?: string) {
        yield sid ?? "";
      }
    }
    const error = await refuse(Reading);
    expect(error).toBeInstanceOf(SluicePluginError);
    expect(error).toMatchObject({ code: "ERR_COOKIES_MISSING" });
    expect((error as Error).message).toMatch(/Reading\.read.*@fastify\/cookie before sluice/);

    const app = makeApp();
    void app.register(cookie);
    expect(await refuse(Reading, {}, app)).toBeUndefined();
  });

  it("a cookie parser that is registered too late is refused too, because its hook would not run", async () => {
    @Controller()
    class Reading {
      @Get("read") read(@Cookies("sid") sid?: string) {
        return { sid };
      }
    }
    const app = makeApp();
    const registered = refuse(Reading, {}, app);
    void app.register(cookie);
    expect(await registered).toMatchObject({ code: "ERR_COOKIES_MISSING" });
  });

  it("a duplicate route of one registration names both handlers", async () => {
    @Controller("clock")
    class Other {
      @Get("tick") tock() {
        return 1;
      }
    }
    const error = await refusal({ controllers: [Clock, Other] });
    expect(error).toMatchObject({ code: "ERR_ROUTE_DUPLICATE" });
    expect((error as Error).message).toMatch(/Clock\.tick.*Other\.tock.*GET/);
  });

  it("a duplicate route of two registrations names the handler, the path and the remedy", async () => {
    const app = makeApp();
    await serve(Clock, { prefix: "/a" }, app);
    expect(await refuse(Clock, { prefix: "/b" }, app)).toBeUndefined();

    const second = makeApp();
    await serve(Clock, { prefix: "/a" }, second);
    const error = await refuse(Clock, { prefix: "/a" }, second);
    expect(error).toMatchObject({ code: "ERR_ROUTE_TAKEN" });
    expect((error as Error).message).toMatch(/Clock\.tick: GET \/a\/clock\/tick.*prefix/);
  });

  it("a route of the application itself in the same place is named too", async () => {
    const app = makeApp();
    app.get("/clock/tick", () => 1);
    expect(await refuse(Clock, {}, app)).toMatchObject({ code: "ERR_ROUTE_TAKEN" });
  });

  it("a path that Fastify can't take names the handler", async () => {
    @Controller()
    class Odd {
      @Sse(":n(^\\d+") *pattern() {
        yield 1;
      }
    }
    const error = await refuse(Odd);
    expect(error).toMatchObject({ code: "ERR_ROUTE_REFUSED" });
    expect((error as Error).message).toMatch(/^Odd\.pattern: .* GET \/:n/);
  });

  it("a schema that Fastify can't compile is refused at the start", async () => {
    @Controller()
    class Odd {
      @Sse("odd", { schema: { querystring: { type: "nonsense" } } }) *odd() {
        yield 1;
      }
    }
    expect(await refuse(Odd)).toMatchObject({ code: "FST_ERR_SCH_VALIDATION_BUILD" });
  });
});

describe("controllers", () => {
  it("@Sse outside of a controller is refused, with the remedy", async () => {
    class Loose {
      @Sse("tick") *tick() {
        yield 1;
      }
    }
    const error = await refuse(Loose);
    expect(error).toMatchObject({ code: "ERR_CONTROLLER" });
    expect((error as Error).message).toMatch(/Loose has routes.*Add @Controller\(\)/);
  });

  it("a parameter that can't be injected is refused by class, parameter and remedy", async () => {
    @Controller()
    class Needy {
      constructor(readonly url: string) {}
      @Sse("tick") *tick() {
        yield this.url;
      }
    }
    const error = await refuse(Needy);
    expect(error).toBeInstanceOf(SluiceError);
    expect((error as Error).message).toMatch(/Needy/);
    expect((error as Error).message).toMatch(/parameter 1|url/);
    expect((error as Error).message).toMatch(/@Inject/);
  });

  it("a handler's parameter without a decorator is refused", async () => {
    @Controller()
    class Vague {
      @Post("say") say(body: unknown) {
        return body;
      }
    }
    expect(await refuse(Vague)).toMatchObject({
      code: "ERR_PARAMETER",
      message: expect.stringMatching(/Vague\.say: parameter 1/) as string,
    });
  });

  it("what was made before a failed start is disposed of", async () => {
    let disposed = 0;
    @Injectable()
    class Pool {
      dispose() {
        disposed++;
      }
    }
    @Controller("clock")
    class Pooled {
      constructor(readonly pool: Pool) {}
      @Sse("tick") *tick() {
        yield 1;
      }
    }
    const app = makeApp();
    app.get("/clock/tick", () => 1);
    expect(await refuse(Pooled, {}, app)).toMatchObject({ code: "ERR_ROUTE_TAKEN" });
    await app.close();
    expect(disposed).toBe(1);
  });
});
