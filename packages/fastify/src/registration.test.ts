import { Controller, Get, Injectable, Sse } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { describe, expect, it } from "vitest";
import { makeApp, portOf, serve } from "../test/app.js";
import { sluice } from "./index.js";

let made = 0;

@Injectable()
class Counter {
  readonly instance = ++made;
  count = 0;
}

@Controller("count")
class Counting {
  constructor(private readonly counter: Counter) {}
  @Sse() *count() {
    yield { data: { instance: this.counter.instance, count: ++this.counter.count } };
  }
  @Get("now") now() {
    return { instance: this.counter.instance };
  }
}

@Controller("other")
class Other {
  constructor(private readonly counter: Counter) {}
  @Get("now") now() {
    return { instance: this.counter.instance };
  }
}

@Controller("/")
class Root {
  @Sse() *root() {
    yield "root";
  }
}

async function first(app: ReturnType<typeof makeApp>, path: string): Promise<unknown> {
  await using client = await testSse(app, path);
  return (await client.next()).json;
}

describe("registration", () => {
  it("@Sse() without a path is at the controller's own path, and its verb beside it", async () => {
    const app = await serve(Counting);
    expect(await first(app, "/count")).toMatchObject({ count: 1 });
    expect((await app.inject("/count/now")).statusCode).toBe(200);
  });

  it("a controller at the root answers with and without a prefix", async () => {
    await using bare = await testSse(await serve(Root), "/");
    expect((await bare.next()).data).toBe("root");
    const app = await serve(Root, { prefix: "/api" });
    for (const path of ["/api", "/api/"]) {
      await using client = await testSse(app, path);
      expect((await client.next()).data).toBe("root");
    }
  });

  it("the same controller in two prefixes has two instances of what it needs", async () => {
    const app = makeApp();
    await serve(Counting, { prefix: "/a" }, app);
    await serve(Counting, { prefix: "/b" }, app);
    const a = (await first(app, "/a/count")) as { instance: number };
    const b = (await first(app, "/b/count")) as { instance: number };
    expect(a.instance).not.toBe(b.instance);
    expect(await first(app, "/a/count")).toEqual({ instance: a.instance, count: 2 });
  });

  it("controllers of one registration share their services", async () => {
    const app = makeApp();
    await app.register(sluice, { controllers: [Counting, Other] });
    const here = (await app.inject("/count/now")).json<{ instance: number }>();
    expect((await app.inject("/other/now")).json()).toEqual(here);
  });

  it("two applications of one process share nothing", async () => {
    const [a, b] = [await serve(Counting), await serve(Counting)];
    const one = (await first(a, "/count")) as { instance: number; count: number };
    const two = (await first(b, "/count")) as { instance: number; count: number };
    expect(one.instance).not.toBe(two.instance);
    expect([one.count, two.count]).toEqual([1, 1]);
    await a.close();
    expect(await first(b, "/count")).toEqual({ instance: two.instance, count: 2 });
  });

  it("a plugin inside a prefixed plugin has both prefixes", async () => {
    const app = makeApp();
    await app.register(async (scope) => void (await serve(Counting, { prefix: "/v1" }, scope)), {
      prefix: "/api",
    });
    expect(await first(app, "/api/v1/count")).toMatchObject({ count: 1 });
  });

  it("twelve clients of one route are served at once", async () => {
    const app = await serve(Root);
    await portOf(app);
    const clients = await Promise.all(Array.from({ length: 12 }, () => testSse(app, "/")));
    const events = await Promise.all(clients.map((client) => client.next()));
    expect(events.map(({ data }) => data)).toEqual(Array.from({ length: 12 }, () => "root"));
    await Promise.all(clients.map((client) => client.disconnect()));
  });
});
