import "reflect-metadata";
import {
  Body,
  type Context,
  Controller,
  Delete,
  HttpError,
  Injectable,
  type InterceptorFunction,
  LastEventId,
  mapEvents,
  MemoryBroker,
  MemoryRunStore,
  Param,
  Run,
  Runs,
  Signal,
  Sse,
  UseInterceptors,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import type { FastifyRequest } from "fastify";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { Part, wordsOf } from "../../core/test/part.js";
import { keepLog, makeApp, portOf, serve } from "../test/app.js";
import { serveWords, type Stage } from "../test/runs.js";

it("starts a run once for a key, however many come at once, and tells all of them everything", async () => {
  const stage = await serveWords();
  const coming = Array.from({ length: 20 }, () => stage.post("a"));
  const part = await stage.part();
  part.say("one", "two");
  const clients = await Promise.all(coming);
  part.say("three");
  part.end();
  for (const client of clients)
    expect(wordsOf(await client.rest())).toEqual(["one", "two", "three", "<end done>"]);
  expect(stage.parts).toHaveLength(1);
  expect(part.finals).toBe(1);
});

it("joins from the start, or after the last id, while it runs and while it is kept", async () => {
  const stage = await serveWords();
  const first = await stage.post("a");
  const part = await stage.part();
  part.say("one", "two", "three");
  const [, two] = await first.take(3);
  const second = await stage.get("a");
  const third = await stage.post("a", { lastEventId: two!.id! });
  expect(wordsOf(await second.take(3))).toEqual(["one", "two", "three"]);
  expect(wordsOf(await third.take(1))).toEqual(["three"]);
  part.end();
  for (const client of [first, second, third])
    expect(wordsOf(await client.rest())).toEqual(["<end done>"]);
  expect(wordsOf(await (await stage.get("a")).rest())).toEqual([
    "one",
    "two",
    "three",
    "<end done>",
  ]);
  const late = await stage.post("a", { lastEventId: two!.id! });
  expect(wordsOf(await late.rest())).toEqual(["three", "<end done>"]);
  expect(stage.parts).toHaveLength(1);
});

it("answers the failure before the first event as an HTTP error, to all who wait, and frees the key", async () => {
  const stage = await serveWords({ sse: { openWithin: "3s" } });
  const coming = [stage.post("a"), stage.post("a")];
  (await stage.part()).fail(new HttpError(402, "No credit."));
  for (const client of await Promise.all(coming)) {
    expect(client.status).toBe(402);
    expect(JSON.parse(await client.text())).toMatchObject({ message: "No credit." });
  }
  expect((await stage.get("a")).status).toBe(404);
  const next = stage.post("a");
  const part = await stage.part(2);
  part.say("one");
  part.end();
  expect(wordsOf(await (await next).rest())).toEqual(["one", "<end done>"]);
});

it("tells all that a run has failed, and who comes later too", async () => {
  const stage = await serveWords();
  const clients = [await stage.post("a"), await stage.get("a")];
  const part = await stage.part();
  part.say("one");
  part.fail(new Error("secret"));
  clients.push(await stage.post("a"));
  for (const client of clients) {
    expect(wordsOf(await client.rest())).toEqual(["one", "<end failed>"]);
    expect(client.raw).not.toContain("secret");
  }
  await vi.waitFor(() => expect(stage.runs.list()).toMatchObject([{ key: "a", state: "failed" }]));
});

it("starts anew what has failed, where it says so, and resets who had the old one", async () => {
  const stage = await serveWords({ run: { restart: "on-error" } });
  const client = await stage.post("a");
  const old = await stage.part();
  old.say("one", "two");
  await client.take(2);
  old.fail(new Error("broken"));
  expect(wordsOf(await client.rest())).toEqual([]);
  const coming = client.reconnect();
  const part = await stage.part(2);
  part.say("uno");
  await coming;
  part.end();
  expect(wordsOf(await client.rest())).toEqual(["<reset unknown>", "uno", "<end done>"]);
});

it("C3: answers 204 to a browser that comes back after the end", async () => {
  const stage = await serveWords();
  const client = await stage.post("a");
  const part = await stage.part();
  part.say("one");
  part.end();
  const reader = await stage.get("a");
  expect(wordsOf(await reader.rest())).toEqual(["one", "<end done>"]);
  expect(reader.lastEventId).toMatch(/#end$/);
  await reader.reconnect();
  expect(reader.status).toBe(204);
  expect(wordsOf(await client.rest())).toEqual(["one", "<end done>"]);
});

it("goes on where it was for a page that is reloaded in the middle, and never stops meanwhile", async () => {
  const stage = await serveWords();
  const client = await stage.post("a");
  const part = await stage.part();
  part.say("one", "two");
  await client.take(2);
  await client.disconnect();
  await vi.waitFor(() => expect(stage.runs.list()).toMatchObject([{ listeners: 0 }]));
  expect(part.signal.aborted).toBe(false);
  part.say("three");
  await client.reconnect();
  part.say("four");
  part.end();
  expect(wordsOf(await client.rest())).toEqual(["three", "four", "<end done>"]);
  expect(stage.parts).toHaveLength(1);
  expect(part.finals).toBe(1);
});

it("goes on when the starter leaves before the first event", async () => {
  const stage = await serveWords({ sse: { openWithin: "3s" } });
  const leaving = new AbortController();
  const port = await portOf(stage.app);
  const left = fetch(`http://127.0.0.1:${port}/words/a`, {
    method: "POST",
    signal: leaving.signal,
  }).catch(() => "left");
  const part = await stage.part();
  leaving.abort();
  expect(await left).toBe("left");
  await vi.waitFor(() => expect(stage.runs.list()).toMatchObject([{ listeners: 0 }]));
  const client = stage.get("a");
  part.say("one");
  part.end();
  expect(wordsOf(await (await client).rest())).toEqual(["one", "<end done>"]);
});

it("holds the head back for who joins in the beginning, and opens when it takes too long", async () => {
  const stage = await serveWords({ sse: { openWithin: 50 } });
  const client = await stage.post("a");
  expect(client.status).toBe(200);
  const joined = await stage.get("a");
  (await stage.part()).fail();
  for (const each of [client, joined]) expect(wordsOf(await each.rest())).toEqual(["<end failed>"]);
});

it("cancels for good, for all who listen, also where a failure would be started anew", async () => {
  const stage = await serveWords({ run: { restart: "on-error" } });
  const clients = [await stage.post("a"), await stage.get("a")];
  expect(await stage.runs.cancel("a")).toBe(true);
  clients.push(await stage.post("a"));
  for (const client of clients) expect(wordsOf(await client.rest())).toEqual(["<end cancelled>"]);
  expect(stage.parts).toHaveLength(1);
});

it("cancels, for all who listen", async () => {
  const stage = await serveWords();
  const client = await stage.post("a");
  const part = await stage.part();
  part.say("one");
  await client.next();
  expect(await stage.runs.cancel("a")).toBe(true);
  expect(wordsOf(await client.rest())).toEqual(["<end cancelled>"]);
  expect([part.signal.aborted, part.finals]).toEqual([true, 1]);
});

it("tells nobody of a run's failure but the log, once, with the run's key", async () => {
  const { logger, entries } = keepLog();
  const stage = await serveWords({ app: makeApp({ logger }) });
  const clients = [await stage.post("a"), await stage.get("a")];
  const part = await stage.part();
  part.say("one");
  part.fail(new Error("secret"));
  for (const client of clients) await client.rest();
  expect(entries.filter(({ msg }) => msg === "run failed")).toMatchObject([
    { level: 50, route: "WordsController.words", run: "a", err: { message: "secret" } },
  ]);
});

it("tells the event that onError makes of a failure, and asks it once", async () => {
  const onError = vi.fn<(error: unknown) => object>(() => ({
    event: "word",
    data: { text: "sorry" },
  }));
  const stage = await serveWords({ sse: { onError } });
  const clients = [await stage.post("a"), await stage.get("a")];
  const part = await stage.part();
  part.say("one");
  part.fail(new HttpError(409));
  for (const client of clients)
    expect(wordsOf(await client.rest())).toEqual(["one", "sorry", "<end failed>"]);
  expect(onError).toHaveBeenCalledOnce();
});

describe("a client that prefers not to wait (RFC 7240)", () => {
  const headers = { prefer: "handling=lenient, Respond-Async; wait=10" };
  const start = (stage: Stage, key: string) =>
    stage.app.inject({ method: "POST", url: `/words/${key}`, headers });

  it("is told that the run is accepted and where to follow it, and the run goes on", async () => {
    const stage = await serveWords({ begin: (part) => part.say("one") });
    const answer = await start(stage, "a");
    expect([answer.statusCode, answer.body]).toEqual([202, ""]);
    expect(answer.headers).toMatchObject({
      location: "/words/a",
      "preference-applied": "respond-async",
    });
    expect(stage.runs.list()).toMatchObject([{ key: "a", state: "running", listeners: 0 }]);
    const client = await stage.get("a");
    (await stage.part()).end();
    expect(wordsOf(await client.rest())).toEqual(["one", "<end done>"]);
    expect((await start(stage, "a")).statusCode).toBe(202);
    expect(stage.parts).toHaveLength(1);
  });

  it("is told of a failure before the first event, and does not wait for a slow one", async () => {
    const failing = await serveWords({
      sse: { openWithin: 60_000 },
      begin: (part) => part.fail(new HttpError(409, "Busy.")),
    });
    expect((await start(failing, "a")).json()).toMatchObject({ statusCode: 409, message: "Busy." });
    const slow = await serveWords({ sse: { openWithin: 10 } });
    expect((await start(slow, "a")).statusCode).toBe(202);
    expect(slow.runs.list()).toMatchObject([{ state: "running" }]);
  });

  it("gets events where it asks for them with a GET", async () => {
    const stage = await serveWords();
    await start(stage, "a");
    const client = await stage.get("a", { headers });
    expect(client.status).toBe(200);
    (await stage.part()).end();
    expect(wordsOf(await client.rest())).toEqual(["<end done>"]);
  });
});

describe("whose run it is", () => {
  const principal = (request: FastifyRequest): string | undefined =>
    request.headers["x-user"] === undefined
      ? undefined
      : decodeURIComponent(String(request.headers["x-user"]));
  const as = (user: string) => ({ headers: { "x-user": encodeURIComponent(user) } });

  it("no user reaches the run of another by any key, whatever stands in keys and names", async () => {
    const stage = await serveWords({ plugin: { principal }, run: { key: keyOf } });
    const texts = ["a", "a/b", "/", "#a", "run/a", "%2F", "ü b"];
    const started = new Map<string, string>();
    for (const user of ["", ...texts]) {
      for (const key of texts) {
        const client = await stage.post("x", {
          headers: { ...(user && as(user).headers), "x-key": encodeURIComponent(key) },
        });
        const part = stage.parts.at(-1)!;
        part.say(`${user}\n${key}`);
        started.set(`${user}\n${key}`, wordsOf([await client.next()])[0]!);
        await client.disconnect();
      }
    }
    // Each had a run of its own, and heard that one.
    expect(stage.parts).toHaveLength((texts.length + 1) * texts.length);
    for (const [expected, heard] of started) expect(heard).toBe(expected);
    expect((await stage.get("x", { headers: { "x-key": "b", ...as("a/a").headers } })).status).toBe(
      404,
    );
  });

  const keyOf = (ctx: Context): string => decodeURIComponent(String(ctx.headers["x-key"]));

  it("is shared by all where it says so", async () => {
    const stage = await serveWords({ plugin: { principal }, run: { shared: true } });
    const clients = [await stage.post("a", as("ann")), await stage.get("a", as("ben"))];
    const part = await stage.part();
    part.say("one");
    for (const client of clients) expect(wordsOf(await client.take(1))).toEqual(["one"]);
    expect(part.context.principal).toBe("ann");
  });

  it("asks the guards of each who comes", async () => {
    const asked: string[] = [];
    const guard = (ctx: Context): boolean => {
      asked.push(`${ctx.route.verb} ${String(ctx.headers["x-user"])}`);
      return ctx.headers["x-user"] !== "eve";
    };
    const stage = await serveWords({ plugin: { guards: [guard] } });
    await stage.post("a", as("ann"));
    expect((await stage.get("a", as("eve"))).status).toBe(403);
    expect((await stage.post("a", as("eve"))).status).toBe(403);
    expect((await stage.get("a", as("ben"))).status).toBe(200);
    expect(asked).toEqual(["POST ann", "GET eve", "POST eve", "GET ben"]);
  });

  it("refuses beyond the limits before the head, and as `refuseWith` says", async () => {
    const plugin = { principal, runs: { maxRuns: 2, maxPerPrincipal: 1 } };
    const stage = await serveWords({ plugin });
    await stage.post("a", as("ann"));
    const refused = await stage.post("b", as("ann"));
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, expect.any(String)]);
    expect(JSON.parse(await refused.text())).toMatchObject({ code: "ERR_LIMIT" });
    await stage.post("a", as("ben"));
    expect((await stage.post("a", as("cid"))).status).toBe(503);

    const gentle = await serveWords({ plugin: { ...plugin, refuseWith: "retry" } });
    await gentle.post("a", as("ann"));
    const again = await gentle.post("b", as("ann"));
    expect([again.status, await again.text()]).toEqual([
      200,
      expect.stringMatching(/^retry: \d+\n$/),
    ]);
  });
});

it("answers 400 where the client's words can be no key, or not what the path asks for", async () => {
  @Controller("asked")
  class AskedController {
    @Sse(":id", { method: "POST" })
    @Run({ key: (ctx) => ctx.params["id"]!, attach: true })
    *answer(@Param("id", z.string().max(5)) id: string, @Body("prompt") prompt: string) {
      yield `${id}: ${prompt}`;
    }
  }
  const app = await serve(AskedController);
  expect((await app.inject("/asked/a%0Ab")).json()).toMatchObject({
    statusCode: 400,
    code: "ERR_RUN_KEY",
  });
  expect((await app.inject("/asked/longer")).json()).toMatchObject({
    statusCode: 400,
    code: "ERR_VALIDATION",
  });
  // A GET has no body, and needs none.
  expect((await app.inject("/asked/a")).json()).toMatchObject({ code: "ERR_NO_RUN" });
});

it("answers 500 where the key is no text, and says in the log what it must be", async () => {
  const { logger, entries } = keepLog();
  const key = (): string => undefined as unknown as string;
  const stage = await serveWords({ app: makeApp({ logger }), run: { key } });
  const client = await stage.post("a");
  expect(client.status).toBe(500);
  expect(await client.text()).not.toContain("characters");
  expect(entries.find(({ level }) => level === 50)!.err!.message).toContain(
    "WordsController.words: the key of @Run must be a text of 1 to 200 characters without control characters, not undefined.",
  );
});

describe("what is made for a request", () => {
  it("lives as long as the run that it has started, and for who joins as long as the connection", async () => {
    const log: string[] = [];
    let made = 0;
    @Injectable({ scope: "request" })
    class Work {
      readonly number = ++made;
      dispose() {
        log.push(`dispose ${this.number}`);
      }
    }
    const parts: Part[] = [];
    @Controller("scoped")
    class ScopedController {
      constructor(readonly work: Work) {}

      @Run({ key: () => "a" })
      @Sse()
      async *run(@Signal() signal: AbortSignal) {
        const part = new Part(signal);
        parts.push(part);
        try {
          yield* part.play();
        } finally {
          log.push(`finally of ${this.work.number}`);
        }
      }
    }
    const app = await serve(ScopedController);
    const starter = await testSse(app, "/scoped");
    await vi.waitFor(() => expect(parts).toHaveLength(1));
    const joiner = await testSse(app, "/scoped");
    parts[0]!.say("one");
    await starter.next();
    await starter.disconnect();
    await joiner.next();
    expect(log).toEqual([]);
    parts[0]!.end();
    await joiner.rest();
    await vi.waitFor(() => expect(log.slice(0, 2)).toEqual(["finally of 1", "dispose 1"]));
    expect(log.filter((line) => line.startsWith("finally"))).toHaveLength(1);
  });

  it("is intercepted once a run, and validated for each who comes", async () => {
    const intercept = vi.fn<InterceptorFunction>(async (_ctx, next) =>
      mapEvents(await next(), ({ data }) => ({ data: { ...(data as object), seen: true } })),
    );
    const schema = z.object({ question: z.string() });
    @Controller("asked")
    class AskedController {
      @Run({ key: (ctx) => ctx.params["id"]!, attach: true })
      @Sse(":id", { method: "POST", schema: { body: { type: "object" } } })
      @UseInterceptors(intercept)
      async *answer(@Body(schema) body: { question: string }, @LastEventId() last?: string) {
        yield { data: { answer: body.question.length, last: last ?? null } };
      }
    }
    const app = await serve(AskedController);
    const ask = (question: unknown, options: object = {}) =>
      testSse(app, "/asked/7", { body: { question }, ...options });
    expect((await ask(1)).status).toBe(400);
    const [answer] = await (await ask("why?", { lastEventId: "7" })).rest();
    expect(answer!.event).toBe("sluice.reset");
    const again = await (await ask("why?")).rest();
    expect(again[0]!.json).toEqual({ answer: 4, last: null, seen: true });
    expect((await ask(1)).status).toBe(400);
    expect((await (await testSse(app, "/asked/7")).rest())[0]!.json).toEqual(again[0]!.json);
    expect(intercept).toHaveBeenCalledOnce();
  });
});

describe("Q4: a server that closes", () => {
  it("lets a run come to its end, and tells who listens", async () => {
    const stage = await serveWords({ plugin: { drainWindow: "3s" } });
    const client = await stage.post("a");
    const part = await stage.part();
    part.say("one");
    await client.next();
    const closing = stage.app.close();
    await vi.waitFor(async () => expect((await stage.post("b")).status).toBe(503));
    part.say("two");
    part.end();
    expect(wordsOf(await client.rest())).toEqual(["two", "<end done>"]);
    await closing;
    expect(part.finals).toBe(1);
  });

  it("cancels what takes longer than half of the window, and closes in time", async () => {
    const stage = await serveWords({ plugin: { drainWindow: 200 } });
    const client = await stage.post("a");
    const part = await stage.part();
    part.say("one");
    await client.next();
    const began = performance.now();
    await stage.app.close();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(wordsOf(await client.rest())).toEqual(["<end failed>"]);
    expect([part.signal.aborted, part.finals]).toEqual([true, 1]);
  });
});

it("names a handler that goes on after its run was cancelled", async () => {
  const { logger, entries } = keepLog();
  @Controller("deaf")
  class DeafController {
    constructor(readonly runs: Runs) {}

    @Run({ key: () => "a" })
    @Sse()
    async *listen() {
      yield "one";
      await new Promise(() => {});
    }

    @Delete()
    cancel() {
      return this.runs.cancel("a");
    }
  }
  const app = await serve(DeafController, { stuckAfter: 20 }, makeApp({ logger }));
  const client = await testSse(app, "/deaf");
  await client.next();
  await app.inject({ method: "DELETE", url: "/deaf" });
  expect(wordsOf(await client.rest())).toEqual(["<end cancelled>"]);
  const message =
    "DeafController.listen still runs after its run ended: pass the signal to what it waits for";
  await vi.waitFor(() => expect(entries.map(({ msg }) => msg)).toContain(message));
});

it("follows from one server what another runs, when they share a broker and a store", async () => {
  const broker = new MemoryBroker();
  const store = new MemoryRunStore();
  const plugin = { channels: { broker }, runs: { store } };
  const [one, two] = [await serveWords({ plugin }), await serveWords({ plugin })];
  const here = await one.post("a");
  const there = await two.post("a");
  const part = await one.part();
  part.say("one");
  await there.next();
  expect(await two.runs.get("a")).toMatchObject({ state: "running", listeners: 1 });
  part.end();
  expect(wordsOf(await here.rest())).toEqual(["one", "<end done>"]);
  expect(wordsOf(await there.rest())).toEqual(["<end done>"]);
  expect(wordsOf(await (await two.get("a")).rest())).toEqual(["one", "<end done>"]);
  expect(two.parts).toEqual([]);
});
