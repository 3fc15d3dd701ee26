import "reflect-metadata";
import { type Readable, Transform } from "node:stream";
import { type Context, Controller, HttpError, Sse, SseStream, type SseYield } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it, vi } from "vitest";
import { keepLog, makeApp, serve } from "../test/app.js";
import { chunksOf, exchange, get } from "../test/raw-connection.js";
import { Gate, watchClosings } from "../test/watch.js";

const secret = (): Error => new Error("the secret password");

@Controller("fail")
class FailController {
  @Sse("thrown")
  async *thrown() {
    yield { id: "1", data: 1 };
    throw secret();
  }

  @Sse("sync")
  *sync() {
    yield { id: "1", data: 1 };
    throw secret();
  }

  @Sse("stream")
  stream() {
    const stream = new SseStream();
    stream.send({ id: "1", data: 1 });
    stream.fail(secret());
    return stream;
  }

  @Sse("gone")
  async *gone() {
    yield { id: "1", data: 1 };
    throw new HttpError(410, "the secret password");
  }

  @Sse("unavailable")
  async *unavailable() {
    yield { id: "1", data: 1 };
    throw new HttpError(503, "the secret password");
  }
}

it.each(["thrown", "sync", "stream", "unavailable"])(
  "C4: %s: an error after the head ends the answer properly, without the mark and without a word of it",
  async (path) => {
    const closings = watchClosings();
    const { logger, entries } = keepLog();
    const app = await serve(FailController, {}, makeApp({ logger }));
    const client = await exchange(app, get(`/fail/${path}`));
    await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
    expect(chunksOf(client.body).join("")).toBe("id: 1\ndata: 1\n\n");
    expect(closings).toEqual([{ route: `FailController.${path}`, reason: "error" }]);
    const failure = entries.find(({ msg }) => msg === "event stream failed");
    expect(failure).toMatchObject({
      level: 50,
      reqId: expect.any(String),
      route: `FailController.${path}`,
      err: { message: "the secret password" },
    });
  },
);

it("C4: an HttpError of the 4xx kind is final: it ends with the mark and `failed`", async () => {
  const { logger, entries } = keepLog();
  const app = await serve(FailController, {}, makeApp({ logger }));
  await using client = await testSse(app, "/fail/gone");
  expect(await client.text()).toBe(
    'id: 1\ndata: 1\n\nevent: sluice.end\nid: 1#end\ndata: {"outcome":"failed"}\n\n',
  );
  expect(entries.find(({ msg }) => msg === "event stream failed")).toMatchObject({ level: 30 });
  await client.rest();
  await client.reconnect();
  expect(client.status).toBe(204);
});

type OnError = (
  error: unknown,
  ctx: Context,
) => SseYield | undefined | Promise<SseYield | undefined>;

/** A stream of one event that fails, on a route with an `onError`. */
async function failing(onError: OnError, error: () => unknown = secret) {
  @Controller("fail")
  class OneController {
    @Sse("", { onError })
    async *one() {
      yield { id: "1", data: 1 };
      throw error();
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(OneController, {}, makeApp({ logger }));
  return { client: await testSse(app, "/fail"), entries };
}

it.each<[string, OnError]>([
  ["sync", (error) => ({ event: "problem", data: (error as Error).message.length })],
  ["async", async (error) => ({ event: "problem", data: (error as Error).message.length })],
])("C4: a %s `onError` maps the error to a last event", async (_, onError) => {
  const { client } = await failing(onError);
  expect(await client.text()).toBe("id: 1\ndata: 1\n\nevent: problem\ndata: 19\n\n");
  expect(await client.ended).toBe(true);
});

it("C4: `onError` learns the context of the request", async () => {
  const { client } = await failing((_, ctx) => ({ data: ctx.route.name }));
  expect(await client.text()).toContain("data: OneController.one\n\n");
});

it("C4: an event of `onError` for a 4xx comes before the mark", async () => {
  const { client } = await failing(
    () => ({ event: "problem", id: "2", data: 1 }),
    () => new HttpError(404, "no"),
  );
  expect(await client.text()).toContain(
    'event: problem\nid: 2\ndata: 1\n\nevent: sluice.end\nid: 2#end\ndata: {"outcome":"failed"}\n\n',
  );
});

it.each<[string, OnError, string | undefined]>([
  ["returns undefined", () => undefined, undefined],
  ["resolves with undefined", async () => undefined, undefined],
  [
    "throws",
    () => {
      throw new Error("onError's own");
    },
    "onError's own",
  ],
  ["rejects", () => Promise.reject(new Error("onError's own")), "onError's own"],
  ["returns no legal event", () => ({ event: "a\nb", data: 1 }), "line break"],
])("C4: an `onError` that %s leaves an ordinary end", async (_, onError, logged) => {
  const { client, entries } = await failing(onError);
  expect(await client.text()).toBe("id: 1\ndata: 1\n\n");
  expect(await client.ended).toBe(true);
  const own = entries.filter(({ err }) => err !== undefined && err.message !== secret().message);
  expect(own).toHaveLength(logged === undefined ? 0 : 1);
  if (logged !== undefined) expect(own[0]!.err!.message).toContain(logged);
});

it("C4: a client that leaves while `onError` works ends the connection once, as `client`", async () => {
  const closings = watchClosings();
  const gate = new Gate();
  const asked = new Gate();
  const { client, entries } = await failing(async () => {
    asked.open();
    await gate.opened;
    return { data: "too late" };
  });
  await asked.opened;
  await client.disconnect();
  await vi.waitFor(() => expect(closings).toHaveLength(1));
  gate.open();
  await new Promise(setImmediate);
  expect(closings).toEqual([{ route: "OneController.one", reason: "client" }]);
  expect(entries.filter(({ level }) => level >= 40)).toHaveLength(1);
});

it("C4: an event that can't be encoded in mid-stream ends the connection and the source", async () => {
  const finalised = vi.fn();
  @Controller("fail")
  class CycleController {
    @Sse()
    async *cycle() {
      try {
        yield { id: "1", data: 1 };
        const cycle: unknown[] = [];
        cycle.push(cycle);
        yield { data: cycle };
        yield "never";
      } finally {
        finalised();
      }
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(CycleController, {}, makeApp({ logger }));
  await using client = await testSse(app, "/fail");
  expect(await client.text()).toBe("id: 1\ndata: 1\n\n");
  expect(await client.ended).toBe(true);
  await vi.waitFor(() => expect(finalised).toHaveBeenCalledOnce());
  expect(entries.find(({ level }) => level === 50)?.err?.type).toBe("SseEncodeError");
});

it("C4: a source is not pulled on while `onError` maps what it yielded wrongly", async () => {
  const gate = new Gate();
  const later = vi.fn();
  @Controller("fail")
  class WrongController {
    @Sse("", {
      onError: async () => {
        await gate.opened;
        return { data: "mapped" };
      },
    })
    async *wrong() {
      yield 1;
      setImmediate(gate.open);
      yield { event: "a\nb", data: 2 };
      later();
      yield 3;
    }
  }
  const app = await serve(WrongController);
  await using client = await testSse(app, "/fail");
  expect(await client.text()).toBe("data: 1\n\ndata: mapped\n\n");
  expect(later).not.toHaveBeenCalled();
});

it("C4: a hook's transform that fails cuts the stream off, and nothing else", async () => {
  const finalised = vi.fn();
  @Controller("wrapped")
  class WrappedController {
    @Sse()
    async *wrapped() {
      try {
        for (let n = 0; ; n++) {
          yield n;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      } finally {
        finalised();
      }
    }
  }
  const app = makeApp();
  app.addHook("onSend", async (_request, _reply, payload) =>
    (payload as Readable).pipe(
      new Transform({
        transform(chunk: Buffer, _encoding, done) {
          if (chunk.toString().includes("data: 3\n")) done(new Error("the transform's own"));
          else done(null, chunk);
        },
      }),
    ),
  );
  await serve(WrappedController, {}, app);
  const client = await testSse(app, "/wrapped");
  expect(await client.ended).toBe(false);
  expect(client.raw).toBe("data: 0\n\ndata: 1\n\ndata: 2\n\n");
  await vi.waitFor(() => expect(finalised).toHaveBeenCalledOnce());
  await using again = await testSse(app, "/wrapped");
  expect((await again.next()).data).toBe("0");
});
