import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { hear, settled } from "../test/listening.js";
import { startPeer } from "../test/peer.js";
import { Told } from "../test/told.js";
import {
  type ConnectOptions,
  connect,
  json,
  type ReceivedEvent,
  SseClientError,
  text,
} from "./index.js";

/** What a client makes of a body. The body is followed by an event that ends the reading. */
async function read(
  body: string | Uint8Array,
  options: ConnectOptions = {},
): Promise<ReceivedEvent[]> {
  const peer = await startPeer((visit) =>
    visit.open().send(body).send('event: sluice.end\ndata: {"outcome":"done"}\n\n').end(),
  );
  const client = connect(peer.url, options);
  const events = hear(client);
  await client.closed;
  return events.all;
}

/** The error that a client ends with which reads a body. */
async function errorOf(body: string, options: ConnectOptions): Promise<SseClientError> {
  const peer = await startPeer((visit) => visit.open().send(body));
  const client = connect(peer.url, options);
  const error = settled(client);
  client.on(() => {});
  const ended = await error;
  expect(ended).toBeInstanceOf(SseClientError);
  expect(client.error).toBe(ended);
  return ended as SseClientError;
}

describe("an event", () => {
  it("has its name, its data and its own id", async () => {
    expect(await read('event: tick\nid: 7\ndata: {"n":1}\n\n')).toEqual([
      { event: "tick", data: { n: 1 }, id: "7" },
    ]);
  });

  it("is a `message` where it has no name, or an empty one", async () => {
    expect(await read("data: 1\n\nevent:\ndata: 2\n\n")).toEqual([
      { event: "message", data: 1, id: undefined },
      { event: "message", data: 2, id: undefined },
    ]);
  });

  it("has no id of its own where the one before had one", async () => {
    const events = await read("id: 1\ndata: 1\n\ndata: 2\n\n");
    expect(events.map(({ id }) => id)).toEqual(["1", undefined]);
  });

  it("is given JSON as what it is, and other text as the string that it is", async () => {
    const events = await read(
      ["0", "false", "null", '"tea"', "[1]", '{"a":{}}', "tea", "", "{not", "a", "a\ndata: b"]
        .map((data) => `data: ${data}\n\n`)
        .join(""),
    );
    expect(events.map(({ data }) => data)).toEqual([
      0,
      false,
      null,
      "tea",
      [1],
      { a: {} },
      "tea",
      "",
      "{not",
      "a",
      "a\nb",
    ]);
  });

  it("without data is none, and leaves its name behind", async () => {
    expect(await read("event: tick\n\ndata: 1\n\n")).toEqual([
      { event: "message", data: 1, id: undefined },
    ]);
  });

  it("is found between comments, unknown fields and a retry that is none", async () => {
    expect(await read(": hi\nwhat: 1\nretry: soon\nretry: -1\ndata: 1\n: ho\n\n")).toEqual([
      { event: "message", data: 1, id: undefined },
    ]);
  });

  it("keeps an id out that has a NUL", async () => {
    expect(await read("id: a\0b\ndata: 1\n\n")).toEqual([
      { event: "message", data: 1, id: undefined },
    ]);
  });

  it("is found behind a byte order mark", async () => {
    expect(await read("\uFEFFdata: 1\n\n")).toEqual([{ event: "message", data: 1, id: undefined }]);
  });

  it("has U+FFFD where its bytes are no UTF-8", async () => {
    const bytes = Buffer.concat([
      Buffer.from("data: a"),
      Buffer.from([0xff]),
      Buffer.from("b\n\n"),
    ]);
    expect(await read(bytes)).toEqual([{ event: "message", data: "a\uFFFDb", id: undefined }]);
  });

  it("of Sluice's own is told to nobody", async () => {
    const body =
      'event: sluice.position\nid: 5\ndata: {}\n\nevent: sluice.reset\nid: 6\ndata: {"channels":[],"reason":"lost"}\n\n';
    expect(await read(body)).toEqual([]);
  });
});

describe("the option `parse`", () => {
  it("leaves text as it is, also where it looks like JSON", async () => {
    const events = await read("event: line\ndata: 42\n\nevent: other\ndata: 42\n\n", {
      parse: { line: text },
    });
    expect(events.map(({ data }) => data)).toEqual(["42", 42]);
  });

  it("reads an event by a function of its name, and a message by `message`", async () => {
    const events = await read("data: 2\n\nevent: n\ndata: 2\n\n", {
      parse: { message: Number, n: (data) => Number(data) * 2 },
    });
    expect(events.map(({ data }) => data)).toEqual([2, 4]);
  });

  it.each([
    ["zod", z.object({ at: z.coerce.date() })],
    [
      "valibot",
      v.object({
        at: v.pipe(
          v.string(),
          v.transform((at) => new Date(at)),
        ),
      }),
    ],
    ["arktype", type({ at: "string.date.parse" })],
  ])("reads JSON by a schema of %s, and gives what that makes of it", async (_name, schema) => {
    const events = await read('event: seen\ndata: {"at":"2026-01-02T03:04:05.000Z"}\n\n', {
      parse: { seen: json(schema) },
    });
    expect(events[0]!.data).toEqual({ at: new Date("2026-01-02T03:04:05.000Z") });
  });

  it.each([
    ["zod", z.object({ user: z.object({ age: z.number() }) })],
    ["valibot", v.object({ user: v.object({ age: v.number() }) })],
    ["arktype", type({ user: { age: "number" } })],
  ])("ends the client with what a schema of %s has against the data", async (_name, schema) => {
    const error = await errorOf('event: seen\ndata: {"user":{"age":"old"}}\n\n', {
      parse: { seen: json(schema) },
    });
    expect(error.code).toBe("ERR_INVALID_EVENT");
    expect(error.message).toMatch(
      /^http:.*\/stream: the data of seen can't be read: .*user\.age: .*number/,
    );
    expect(error.cause).toMatchObject({
      code: "ERR_INVALID_EVENT",
      cause: { length: 1, 0: { message: expect.stringMatching(/number/) } },
    });
  });

  it("reads by an async schema too", async () => {
    const schema = z.object({ n: z.number() }).refine(async ({ n }) => n > 1, "too few");
    const events = await read('data: {"n":2}\n\n', { parse: { message: json(schema) } });
    expect(events[0]!.data).toEqual({ n: 2 });
    const error = await errorOf('data: {"n":1}\n\n', { parse: { message: json(schema) } });
    expect(error.message).toMatch(/can't be read: .*too few/);
  });

  it.each([
    [
      "throws",
      () => {
        throw new RangeError("no tea");
      },
    ],
    ["rejects", () => Promise.reject(new RangeError("no tea"))],
  ])("ends the client where its function %s", async (_name, parse) => {
    const error = await errorOf("event: tea\ndata: 1\n\n", { parse: { tea: parse } });
    expect(error).toMatchObject({
      code: "ERR_INVALID_EVENT",
      message: expect.stringMatching(/the data of tea can't be read: RangeError: no tea$/),
      cause: new RangeError("no tea"),
    });
  });

  it("takes nothing more after data that can't be read, and the connection goes", async () => {
    const peer = await startPeer();
    const client = connect(peer.url, { parse: { bad: () => Promise.reject(new Error("bad")) } });
    const events = hear(client);
    const visit = await peer.visits.next();
    visit.open("id: 1\ndata: 1\n\nid: 2\nevent: bad\ndata: 1\n\nid: 3\ndata: 3\n\n");
    await visit.gone;
    expect(events.all.map(({ data }) => data)).toEqual([1]);
    expect(client.state).toBe("closed");
    expect(peer.visits.all).toHaveLength(1);
  });

  it("counts no event as taken that could not be read: one may come back for it", async () => {
    const peer = await startPeer((visit) => visit.open("id: 1\ndata: 1\n\nid: 2\ndata: x\n\n"));
    const client = connect(peer.url, {
      parse: { message: (data) => JSON.parse(data) as unknown },
    });
    const error = settled(client);
    client.on(() => {});
    expect(await error).toMatchObject({ code: "ERR_INVALID_EVENT" });
    expect(client.lastEventId).toBe("1");
  });

  it("keeps the order where reading takes its time", async () => {
    const slow = new Told<number>();
    const peer = await startPeer((visit) =>
      visit.open("event: slow\nid: 1\ndata: 1\n\nid: 2\ndata: 2\n\n"),
    );
    const client = connect(peer.url, { parse: { slow: () => slow.promise } });
    const events = hear(client);
    await peer.visits.next();
    slow.tell(1);
    expect(await events.take(2)).toEqual([
      { event: "slow", data: 1, id: "1" },
      { event: "message", data: 2, id: "2" },
    ]);
  });

  it.each(["constructor", "toString", "hasOwnProperty", "__proto__", "__defineGetter__"])(
    "takes an event of the name %s for one that it says nothing of",
    async (name) => {
      const events = await read(`event: ${name}\ndata: 1\n\n`, { parse: { other: text } });
      expect(events).toEqual([{ event: name, data: 1, id: undefined }]);
    },
  );
});

describe("the option `maxEventSize`", () => {
  it("ends the client with an event that grows beyond it, once what came before was given", async () => {
    const peer = await startPeer((visit) =>
      visit.open(`id: 1\ndata: 1\n\nid: 2\ndata: ${"x".repeat(2_000)}`),
    );
    const client = connect(peer.url, { maxEventSize: 1_000 });
    const error = settled(client);
    const events = hear(client);
    expect(await error).toMatchObject({
      code: "ERR_EVENT_TOO_LARGE",
      message: expect.stringContaining("1000 characters"),
    });
    expect(events.all.map(({ data }) => data)).toEqual([1]);
    expect(client.lastEventId).toBe("1");
  });

  it("takes events up to it", async () => {
    const data = "x".repeat(1_000);
    const events = await read(`data: ${data}\n\n`, { maxEventSize: 1_100 });
    expect(events.map(({ data }) => data)).toEqual([data]);
  });
});
