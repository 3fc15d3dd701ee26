import "reflect-metadata";
import {
  Channels,
  Controller,
  Headers,
  MemoryBroker,
  Param,
  Sse,
  UseGuards,
  type Context,
  type Page,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import type { FastifyInstance } from "fastify";
import { describe, expect, it } from "vitest";
import { serve } from "../../packages/fastify/test/app.js";
import { exchange, get } from "../../packages/fastify/test/raw-connection.js";

/** Who may listen to which rooms. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  news: ["ann", "eve"],
  tea: ["ann", "eve"],
  secret: ["ann"],
};

const isMember = (ctx: Context): boolean =>
  MEMBERS[ctx.params["room"] ?? ""]?.includes(String(ctx.headers["x-user"])) ?? false;

@Controller("rooms")
class RoomsController {
  constructor(readonly channels: Channels) {}

  @Sse(":room")
  @UseGuards(isMember)
  join(@Param("room") room: string) {
    return this.channels.get(room);
  }

  /** Every room of whoever asks. */
  @Sse()
  all(@Headers("x-user") user: string) {
    const rooms = Object.keys(MEMBERS).filter((room) => MEMBERS[room]!.includes(user));
    return this.channels.merge(...rooms.map((room) => this.channels.get(room)));
  }

  @Sse("public/:room")
  public(@Param("room") room: string) {
    return this.channels.get(room);
  }
}

/** Counts how often it is read. */
class CountingBroker extends MemoryBroker {
  reads = 0;

  override read(...args: Parameters<MemoryBroker["read"]>): Page {
    this.reads++;
    return super.read(...args);
  }
}

async function rooms() {
  const broker = new CountingBroker();
  const channels = new Channels({ broker, history: { count: 10 } });
  const providers = [{ provide: Channels, useValue: channels }];
  const app = await serve(RoomsController, { providers });
  const say = async (room: string, text: string): Promise<string> =>
    (await channels.get(room).publish({ event: "said", data: text })).id;
  const as = (user: string, path: string, lastEventId?: string) =>
    testSse(app, path, {
      headers: { "x-user": user },
      ...(lastEventId !== undefined && { lastEventId }),
    });
  return { app, broker, say, as };
}

/** The reset that a client gets who goes on after an id. */
async function resetAfter(app: FastifyInstance, lastEventId: string): Promise<unknown> {
  await using client = await testSse(app, "/rooms/public/tea", { lastEventId });
  const { event, json } = await client.next();
  expect(event).toBe("sluice.reset");
  return json;
}

describe("security 7: a huge Last-Event-ID is capped, and a channel answers it with a reset", () => {
  it.each([1_025, 14_000])("with %i bytes in the header", async (length) => {
    const { app, broker } = await rooms();
    const reset = { channels: ["tea"], reason: "malformed" };
    expect(await resetAfter(app, "x".repeat(length))).toEqual(reset);
    expect(await resetAfter(app, `1.${"x".repeat(length)}.1`)).toEqual(reset);
    expect(broker.reads).toBe(0);
  });

  it("in the query, too", async () => {
    const { app, broker } = await rooms();
    await using client = await testSse(app, `/rooms/public/tea?lastEventId=${"x".repeat(2_000)}`);
    expect((await client.next()).json).toMatchObject({ reason: "malformed" });
    expect(broker.reads).toBe(0);
  });

  it("and what is longer than Node takes is a 431", async () => {
    const { app } = await rooms();
    const client = await exchange(
      app,
      get("/rooms/public/tea", { "Last-Event-ID": "x".repeat(17_000) }),
    );
    await client.until(({ received }) => received.startsWith("HTTP/1.1 431 "));
    expect(client.received).not.toContain("xxx");
  });
});

it.each([
  "$",
  "+",
  "(",
  "-",
  "*",
  "0-0",
  "1.aaaaaaaa.1, 1.aaaaaaaa.2",
  "1.aaaaaaaa.01",
  "1.aaaaaaaa.-1",
  "1.aaaaaaaa.1e3",
  "m1",
  "m1~",
  "m1~aaaaaa:$",
])(
  "security 8: an id that only looks like one is refused by an anchored pattern: %j",
  async (id) => {
    const { app } = await rooms();
    expect(await resetAfter(app, id)).toEqual({ channels: ["tea"], reason: "malformed" });
  },
);

it("security 8: two headers are no id", async () => {
  const { app, say } = await rooms();
  const [id] = [await say("tea", "one"), await say("tea", "two")];
  const request = get("/rooms/public/tea", { "Last-Event-ID": id }).replace(
    "\n\n",
    `\nLast-Event-ID: ${id}\n\n`,
  );
  const client = await exchange(app, request);
  await client.until(({ body }) => body.includes("sluice.reset"));
  expect(client.body).toContain('"reason":"malformed"');
  expect(client.body).not.toContain("data: one");
});

describe("security 9: an ancient id costs a bounded look-up", () => {
  it("of a channel: one read, and a reset", async () => {
    const { app, broker, say } = await rooms();
    const first = await say("tea", "0");
    for (let n = 1; n <= 5_000; n++) await say("tea", String(n));
    const before = broker.reads;
    expect(await resetAfter(app, first)).toEqual({ channels: ["tea"], reason: "trimmed" });
    expect(await resetAfter(app, first.replace(/\d+$/, "999999999999"))).toEqual({
      channels: ["tea"],
      reason: "unknown",
    });
    expect(broker.reads - before).toBe(2);
  });

  it("of a merge: at most one read for each of its channels, whatever the cursor names", async () => {
    const { broker, say, as } = await rooms();
    const tea = await say("tea", "0");
    const secret = await say("secret", "0");
    for (let n = 1; n <= 50; n++) await Promise.all([say("tea", `${n}`), say("secret", `${n}`)]);
    const before = broker.reads;
    await using first = await as("ann", "/rooms");
    await say("tea", "now");
    const [, ...parts] = (await first.next()).id!.split("~");
    // The keys of its own channels with the oldest ids, and others.
    const own = parts.map((part) => {
      const [key = ""] = part.split(":");
      return [`${key}:${tea}`, `${key}:${secret}`];
    });
    const others = Array.from({ length: 26 }, (_, n) => `aaaa${String(n).padStart(2, "0")}:${tea}`);
    const cursor = ["m1", ...own.flat(), ...others].join("~");
    await using client = await as("ann", "/rooms", cursor);
    const resets = await client.take(3);
    expect(resets.map(({ event }) => event)).toEqual(Array(3).fill("sluice.reset"));
    expect(broker.reads - before).toBeLessThanOrEqual(3);
  });
});

describe("security 10: a cursor grants nothing", () => {
  it("a client that resumes a channel which its guard does not grant is refused", async () => {
    const { say, as } = await rooms();
    const id = await say("secret", "one");
    await say("secret", "two");
    await using member = await as("ann", "/rooms/secret", id);
    expect((await member.next()).data).toBe("two");
    await using stranger = await as("eve", "/rooms/secret", id);
    expect([stranger.status, await stranger.text()]).toEqual([
      403,
      expect.not.stringContaining("two"),
    ]);
    await using inQuery = await as("eve", `/rooms/secret?lastEventId=${id}`);
    expect(inQuery.status).toBe(403);
  });

  it("the id of another channel is unknown, and gives nothing of that channel", async () => {
    const { say, as } = await rooms();
    const id = await say("secret", "foreign");
    await say("secret", "foreign too");
    await using client = await as("eve", "/rooms/tea", id);
    expect((await client.next()).json).toEqual({ channels: ["tea"], reason: "unknown" });
    await say("secret", "foreign for ever");
    await say("tea", "own");
    expect((await client.next()).data).toBe("own");
    expect(client.raw).not.toContain("foreign");
  });

  it("the cursor of a merge that names a channel which is not its own gives nothing of it", async () => {
    const { say, as } = await rooms();
    await using ann = await as("ann", "/rooms");
    const secret = await say("secret", "foreign");
    const tea = await say("tea", "shared");
    const [, { id = "" } = {}] = await ann.take(2);
    await ann.disconnect();
    await say("secret", "foreign, missed");
    await say("tea", "missed");

    // All that ann has, as it is.
    await using eve = await as("eve", "/rooms", id);
    expect((await eve.next()).data).toBe("missed");
    // The id of the secret room under the name of another.
    await using forger = await as("eve", "/rooms", id.replace(tea, secret));
    expect((await forger.next()).json).toEqual({ channels: ["tea"], reason: "unknown" });
    await say("secret", "foreign, live");
    await say("tea", "live");
    for (const client of [eve, forger]) {
      expect((await client.next()).data).toBe("live");
      expect(client.raw).not.toContain("foreign");
      expect(client.raw).not.toContain("secret");
    }
  });
});
