import "reflect-metadata";
import {
  Controller,
  LastEventId,
  mapEvents,
  Signal,
  Sse,
  SseStream,
  UseInterceptors,
  type SseYield,
} from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { testSse } from "@sluice/testing";
import { once } from "node:events";
import { expect, it } from "vitest";
import { makeApp, serve } from "../../packages/fastify/test/app.js";
import { chunksOf, exchange, get } from "../../packages/fastify/test/raw-connection.js";

/** What a stream of these events leaves on the wire. */
async function wireOf(...events: SseYield[]): Promise<string> {
  @Controller("wire")
  class WireController {
    @Sse("", { onComplete: "reconnect" })
    *wire() {
      yield* events;
    }
  }
  await using client = await testSse(await serve(WireController), "/wire");
  expect(client.status).toBe(200);
  return client.text();
}

it("B1: data of several lines has a `data:` line for each, and messages stay apart", async () => {
  expect(await wireOf("one\ntwo\n", "three")).toBe(
    "data: one\ndata: two\ndata: \n\ndata: three\n\n",
  );
});

it("B2: a lone CR, CRLF and a mixture split like LF, and begin no event of their own", async () => {
  expect(await wireOf("a\rb\r\nc\nd", "a\r\rdata: x")).toBe(
    "data: a\ndata: b\ndata: c\ndata: d\n\ndata: a\ndata: \ndata: data: x\n\n",
  );
});

it("B3: a line break in `event` or `id` throws, and is not stripped: the sender learns of it, the client gets nothing", async () => {
  const stream = new SseStream();
  @Controller("broken")
  class BrokenController {
    @Sse("first")
    *first() {
      yield { event: "a\r\nb", data: 1 };
    }

    @Sse("stream")
    stream() {
      return stream;
    }
  }
  const app = await serve(BrokenController);
  await using first = await testSse(app, "/broken/first");
  expect(first.status).toBe(500);
  await using client = await testSse(app, "/broken/stream");
  for (const lineBreak of ["\n", "\r", "\r\n"]) {
    for (const field of ["event", "id"]) {
      const send = () => stream.send({ [field]: `a${lineBreak}b`, data: "never" });
      expect(send).toThrow(expect.objectContaining({ name: "SseEncodeError", field }));
    }
  }
  stream.sendData("still open");
  expect((await client.next()).data).toBe("still open");
  expect(client.raw).toBe("data: still open\n\n");
});

it("B4: each line of a comment has its own colon, and an empty comment is `: `", async () => {
  expect(await wireOf({ comment: "one\rtwo\r\nthree\nfour" }, { comment: "" })).toBe(
    ": one\n: two\n: three\n: four\n: \n",
  );
});

it("B5: empty text is sent as an empty data line", async () => {
  expect(await wireOf({ data: "" }, "")).toBe("data: \n\ndata: \n\n");
});

it("B6: a `retry` of 0 is sent", async () => {
  expect(await wireOf({ retry: 0 }, { retry: 0, data: 1 })).toBe("retry: 0\nretry: 0\ndata: 1\n\n");
});

/** A stream of one event with an id, which then stays quiet; its data is the id to resume from. */
function streamWithId(...ids: string[]) {
  @Controller("ids")
  class IdsController {
    @Sse()
    async *ids(@Signal() gone: AbortSignal, @LastEventId() last = "none") {
      for (const id of ids) yield { id, data: last };
      await once(gone, "abort");
    }
  }
  return serve(IdsController);
}

it('B7: the id "0" is sent, and comes back', async () => {
  await using client = await testSse(await streamWithId("0"), "/ids");
  expect(await client.next()).toMatchObject({ id: "0", data: "none" });
  expect(client.raw).toContain("id: 0\n");
  await client.reconnect();
  expect((await client.next()).data).toBe("0");
});

it("B8: an empty id is sent, and makes the client forget its last one", async () => {
  await using client = await testSse(await streamWithId("7", ""), "/ids");
  await client.take(2);
  expect(client.raw).toBe("id: 7\ndata: none\n\nid: \ndata: none\n\n");
  await client.reconnect();
  expect((await client.next()).data).toBe("none");
});

it("B9: objects, numbers and booleans are sent as JSON", async () => {
  expect(await wireOf({ data: { a: [1] } }, 0, true, { data: 1.5 }, { data: false })).toBe(
    'data: {"a":[1]}\n\ndata: 0\n\ndata: true\n\ndata: 1.5\n\ndata: false\n\n',
  );
});

it("B10: a comment alone gets no id, and beside data it takes nothing away", async () => {
  expect(
    await wireOf({ comment: "alone" }, { comment: "beside", event: "e", id: "1", data: 1 }),
  ).toBe(": alone\n: beside\nevent: e\nid: 1\ndata: 1\n\n");
});

it("B11: an event with all fields is one block, and one chunk on the wire", async () => {
  @Controller("whole")
  class WholeController {
    @Sse()
    *whole() {
      yield { data: { n: 1 }, retry: 3000, id: "1", event: "greeting", comment: "hello" };
    }
  }
  const client = await exchange(await serve(WholeController), get("/whole"));
  await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
  expect(chunksOf(client.body)[0]).toBe(
    ': hello\nevent: greeting\nid: 1\nretry: 3000\ndata: {"n":1}\n\n',
  );
});

it("B12: there is no serializer option: `toJSON` and an interceptor with `mapEvents` shape the data", async () => {
  class Money {
    constructor(readonly cents: number) {}
    toJSON() {
      return `${this.cents / 100} EUR`;
    }
  }
  @Controller("prices")
  class PricesController {
    @Sse("json")
    *json() {
      yield { data: { price: new Money(950) } };
    }

    @Sse("mapped")
    @UseInterceptors(async (_ctx, next) =>
      mapEvents(await next(), ({ data }) => ({ data: `<price>${(data as Money).cents}</price>` })),
    )
    *mapped() {
      yield { data: new Money(950) };
    }
  }
  const app = await serve(PricesController);
  await using json = await testSse(app, "/prices/json");
  expect((await json.next()).data).toBe('{"price":"9.5 EUR"}');
  await using mapped = await testSse(app, "/prices/mapped");
  expect((await mapped.next()).data).toBe("<price>950</price>");
  const options = { controllers: [PricesController], serializer: JSON.stringify };
  await expect(makeApp().register(sluice, options)).rejects.toMatchObject({ code: "ERR_OPTION" });
});
