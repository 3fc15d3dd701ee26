import "reflect-metadata";
import { Channels, MemoryBroker } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { type SseTestClient, type SseTestOptions, testSse, watchLeaks } from "@sluice/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DashboardController } from "./examples/dashboard.controller.js";
import { InboxController } from "./examples/inbox.controller.js";
import { RoomsController } from "./examples/rooms.controller.js";
import { Traffic } from "./examples/traffic.js";
import { Vitals } from "./examples/vitals.js";

let app: FastifyInstance;
let traffic: Traffic;
const clients: SseTestClient[] = [];

beforeEach(async () => {
  app = Fastify();
  traffic = new Traffic(new MemoryBroker());
  await app.register(sluice, {
    controllers: [RoomsController, InboxController, DashboardController],
    channels: { broker: traffic },
    providers: [{ provide: Traffic, useValue: traffic }],
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (client) => client.disconnect()));
  await app.close();
});

const ADA = { Authorization: "Bearer token" };
const GRACE = { Authorization: "Bearer guest" };

async function open(path: string, options: SseTestOptions = {}): Promise<SseTestClient> {
  const client = await testSse(app, path, options);
  clients.push(client);
  return client;
}

async function post(url: string, payload: object, headers: Record<string, string> = {}) {
  const answer = await app.inject({ method: "POST", url, payload, headers });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

const say = async (text: string, room = "lock") =>
  post(`/rooms/${room}/messages`, { name: "Ada", text });

/** The next message of a room, without those who come and go. */
async function nextText(client: SseTestClient): Promise<string> {
  for await (const { event, json } of client) {
    if (event === "message") return (json as { text: string }).text;
  }
  throw new Error("The stream ended.");
}

describe("rooms", () => {
  test("a message reaches everyone in the room with one id, and says how many connections", async () => {
    const ada = await open("/rooms/lock?name=Ada");
    await ada.next();
    const grace = await open("/rooms/lock?name=Grace");
    await ada.next();
    await grace.take(2);
    const elsewhere = await open("/rooms/weir?name=Ada");
    await elsewhere.next();

    const before = Date.now();
    const { body } = await say("Hello");
    const [forAda, forGrace] = [await ada.next(), await grace.next()];
    expect(body).toEqual({ id: forAda.id, reached: 2 });
    expect(forGrace).toEqual(forAda);
    expect(forAda).toMatchObject({ event: "message", json: { name: "Ada", text: "Hello" } });
    expect((forAda.json as { at: number }).at).toBeGreaterThanOrEqual(before);
    await say("Only here", "weir");
    expect(await nextText(elsewhere)).toBe("Only here");
  });

  test("who comes first gets what was said, up to thirty events", async () => {
    for (let n = 1; n <= 40; n++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await say(String(n));
    }
    const late = await open("/rooms/lock?name=Ada");
    const events = await late.take(30);
    expect(events.map(({ json }) => (json as { text?: string }).text)).toEqual([
      ...Array.from({ length: 29 }, (_, index) => String(index + 12)),
      undefined,
    ]);
    expect(events.at(-1)).toMatchObject({ event: "came", json: { name: "Ada", here: ["Ada"] } });
  });

  test("who comes back gets what was said meanwhile, in order, nothing lost and nothing twice", async () => {
    const ada = await open("/rooms/lock?name=Ada");
    await say("first");
    expect(await nextText(ada)).toBe("first");
    await ada.disconnect();
    for (let n = 1; n <= 20; n++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await say(String(n));
    }
    await ada.reconnect();
    await say("last");
    for (let n = 1; n <= 20; n++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      expect(await nextText(ada)).toBe(String(n));
    }
    expect(await nextText(ada)).toBe("last");
  });

  test.each([
    ["yesterday", "malformed"],
    ["1.00000000.7", "unknown"],
  ])(
    "%s is no place in the room: a reset says so, and the room's state follows",
    async (lastEventId, reason) => {
      await say("Hello");
      const ada = await open("/rooms/lock?name=Ada", { lastEventId });
      const [reset, room] = await ada.take(2);
      expect(reset).toMatchObject({
        event: "sluice.reset",
        json: { channels: ["room:lock"], reason },
      });
      expect(room).toMatchObject({
        event: "room",
        id: reset!.id,
        json: { here: ["Ada"], recent: [{ name: "Ada", text: "Hello" }] },
      });
      await say("And on");
      expect(await nextText(ada)).toBe("And on");
    },
  );

  test("a name is there as long as one of its connections is, and the others are told", async () => {
    const people = async () => (await app.inject("/rooms/lock/people")).json<unknown>();
    const grace = await open("/rooms/lock?name=Grace");
    await grace.next();
    const ada = await open("/rooms/lock?name=Ada");
    const again = await open("/rooms/lock?name=Ada");
    expect(await grace.next()).toMatchObject({ event: "came", json: { here: ["Ada", "Grace"] } });
    await expect.poll(people).toEqual({ here: ["Ada", "Grace"], listening: 3 });
    await again.disconnect();
    await expect.poll(people).toEqual({ here: ["Ada", "Grace"], listening: 2 });
    await ada.disconnect();
    expect(await grace.next()).toMatchObject({
      event: "left",
      json: { name: "Ada", here: ["Grace"] },
    });
  });

  test.each([
    [{ name: "Ada", text: " " }, "body.text"],
    [{ name: "Ada", text: "x".repeat(281) }, "body.text"],
    [{ name: "", text: "Hello" }, "body.name"],
    [{ text: "Hello" }, "body.name"],
  ])("%o is refused with 400, and nothing is published", async (message, field) => {
    const { status, body } = await post("/rooms/lock/messages", message);
    expect(status).toBe(400);
    expect(body["message"]).toContain(field);
    expect(traffic.published).toBe(0);
  });

  test("a room that is not there, and a nameless visitor, are refused with 400", async () => {
    expect((await open("/rooms/cellar?name=Ada")).status).toBe(400);
    expect((await open("/rooms/lock")).status).toBe(400);
  });
});

describe("the inbox", () => {
  const send = async (to: string, title: string, from = ADA) =>
    post(`/inbox/${to}`, { title }, from);
  const titles = async (client: SseTestClient, count: number) =>
    (await client.take(count)).map(({ json }) => (json as { title: string }).title);

  test("a user gets the own notifications and those for all, with one cursor, and no others", async () => {
    const ada = await open("/inbox", { headers: ADA });
    const grace = await open("/inbox", { headers: GRACE });
    expect((await send("Ada", "1", GRACE)).body["reached"]).toBe(1);
    await send("Grace", "2");
    expect((await send("everyone", "3")).body["reached"]).toBe(2);
    const [own, common] = await ada.take(2);
    expect(own).toMatchObject({ event: "note", json: { title: "1", from: "Grace", to: "Ada" } });
    expect(common).toMatchObject({ json: { title: "3", to: "everyone" } });
    const cursor = /^m1(~[\w-]{6}:1\.[\w-]{8}\.\d+){2}$/;
    expect(own!.id).toMatch(cursor);
    expect(common!.id).toMatch(cursor);
    expect(await titles(grace, 2)).toEqual(["2", "3"]);
  });

  test("who comes back gets what was sent in both channels meanwhile, once", async () => {
    const ada = await open("/inbox", { headers: ADA });
    await send("Ada", "before");
    await ada.next();
    await ada.disconnect();
    for (const [to, title] of [
      ["Ada", "own 1"],
      ["everyone", "common 1"],
      ["Ada", "own 2"],
      ["Grace", "not hers"],
      ["everyone", "common 2"],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await send(to, title);
    }
    await ada.reconnect();
    await send("Ada", "after");
    const came = await titles(ada, 5);
    expect(came.filter((title) => title.startsWith("own"))).toEqual(["own 1", "own 2"]);
    expect(came.filter((title) => title.startsWith("common"))).toEqual(["common 1", "common 2"]);
    expect(came.at(-1)).toBe("after");
  });

  test("an id that is no cursor is answered by a reset and the counts", async () => {
    await send("Ada", "1");
    const ada = await open("/inbox", { headers: ADA, lastEventId: "yesterday" });
    const [reset, summary] = await ada.take(2);
    expect(reset).toMatchObject({ event: "sluice.reset", json: { reason: "malformed" } });
    expect(summary).toMatchObject({
      event: "summary",
      json: { sent: { Ada: 1, Grace: 0, everyone: 0 } },
    });
  });

  test("nobody without a token listens or sends, and a recipient must be known", async () => {
    expect((await open("/inbox")).status).toBe(401);
    expect((await post("/inbox/Ada", { title: "1" })).status).toBe(401);
    expect((await send("Eve", "1")).status).toBe(400);
    expect((await send("Ada", "x".repeat(121))).status).toBe(400);
    expect(traffic.published).toBe(0);
  });
});

describe("the dashboard", () => {
  test("who comes gets a snapshot at once, and then the same readings as everyone", async () => {
    const first = await open("/dashboard");
    const number = expect.any(Number) as number;
    const [snapshot, reading] = await first.take(2);
    for (const event of [snapshot, reading]) {
      expect(event).toMatchObject({ event: "reading", id: expect.any(String) as string });
      expect(event!.json).toEqual({
        at: number,
        delay: number,
        heap: number,
        connections: number,
        rate: number,
      });
    }
    const second = await open("/dashboard");
    await second.next();
    const shared = await second.next();
    for await (const event of first) {
      if (event.id !== shared.id) continue;
      expect(event).toEqual(shared);
      expect((event.json as { connections: number }).connections).toBe(2);
      break;
    }
  });

  test("who comes back gets the readings that were taken meanwhile", async () => {
    const client = await open("/dashboard");
    const count = ({ id }: { id?: string | undefined }) => Number(id!.split(".").at(-1));
    const seen = await client.take(2);
    await client.disconnect();
    await expect.poll(() => traffic.published).toBeGreaterThan(3);
    await client.reconnect();
    const [next] = await client.take(1);
    expect(count(next!)).toBe(count(seen[1]!) + 1);
  });

  test("the timer goes with the application", async () => {
    using leaks = watchLeaks();
    const client = await open("/dashboard");
    await client.take(2);
    await client.disconnect();
    await app.close();
    await expect(leaks.verify()).resolves.toBeUndefined();
  });

  test("the timer stops when nobody has listened for a while, and starts again", async () => {
    vi.useFakeTimers();
    const channels = new Channels({ broker: traffic });
    const vitals = new Vitals(traffic);
    const dashboard = new DashboardController(channels, vitals);
    try {
      dashboard.watch();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(traffic.published).toBe(60);
      dashboard.watch();
      await vi.advanceTimersByTimeAsync(1000);
      expect(traffic.published).toBe(64);
    } finally {
      vi.useRealTimers();
      dashboard.dispose();
      vitals.dispose();
      await channels.dispose();
    }
  });
});
