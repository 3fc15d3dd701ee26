import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noRedis } from "../test/no-redis.js";
import { openProxy } from "../test/proxy.js";
import { type Admin, connectAdmin } from "../test/redis-client.js";
import { type RedisServer, startRedis } from "../test/redis-server.js";
import { Ear, entriesOf, event, openBroker, until } from "../test/subject.js";

/** What a server holds of a channel, to be put back as a failed one would have it. */
async function keep(admin: Admin, channel: string): Promise<() => Promise<void>> {
  const keys = [`sluice:r:{${channel}}`, `sluice:s:{${channel}}`];
  for (const key of keys) await admin.ask(`COPY ${key} kept:${key}`);
  return async () => {
    for (const key of keys) await admin.ask(`COPY kept:${key} ${key} REPLACE`);
  };
}

describe.skipIf(noRedis)("a server that lost the end of a history", () => {
  let server: RedisServer;
  let admin: Admin;
  beforeAll(async () => {
    server = await startRedis();
    admin = await connectAdmin(server.url);
  });
  afterAll(async () => {
    admin?.[Symbol.dispose]();
    await server?.[Symbol.asyncDispose]();
  });

  it("H3: makes it known to those who did not get what was lost, when it is published again", async () => {
    await using broker = openBroker(server.url);
    const kept = await broker.publish(event("lost", "kept"));
    const restore = await keep(admin, "lost");
    const lost = await broker.publish(event("lost", "lost"));
    await restore();
    const after = await broker.publish(event("lost", "after"));
    for (const cursor of [kept, lost]) {
      expect(await broker.read("lost", cursor, undefined, 1_000)).toEqual({ refused: "trimmed" });
    }
    expect(await broker.read("lost", after, undefined, 1_000)).toEqual({ entries: [] });
  });

  it("H3: makes it known to those who follow, as soon as it is looked at", async () => {
    await using broker = openBroker(server.url);
    await using other = openBroker(server.url);
    await other.publish(event("told", "kept"));
    const ear = new Ear();
    await broker.follow("told", ear);
    const restore = await keep(admin, "told");
    const lost = await other.publish(event("told", "lost"));
    await until(() => expect(ear.texts).toEqual(["lost"]));
    await restore();
    await admin.ask("CLIENT KILL TYPE pubsub");
    await until(async () =>
      expect(await broker.read("told", lost, undefined, 1_000)).toEqual({ refused: "trimmed" }),
    );
    await until(() => expect(ear.positions.at(-1)).not.toBe(lost));
  });

  it("H3: makes it known to who joins where somebody knows of it", async () => {
    await using broker = openBroker(server.url);
    const kept = await broker.publish(event("joined", "kept"));
    const restore = await keep(admin, "joined");
    await broker.publish(event("joined", "lost"));
    await restore();
    const { position } = await broker.follow("joined", new Ear());
    expect(await broker.read("joined", kept, position, 1_000)).toEqual({ refused: "trimmed" });
    expect(await broker.read("joined", position, undefined, 1_000)).toEqual({ entries: [] });
  });

  it("H3: makes it known although others have published again before it was noticed", async () => {
    await using broker = openBroker(server.url);
    await using other = openBroker(server.url);
    await using third = openBroker(server.url);
    const ear = new Ear();
    await third.follow("late", ear);
    await broker.publish(event("late", "kept"));
    const restore = await keep(admin, "late");
    const lost = await broker.publish(event("late", "lost"));
    await restore();
    // It knows nothing of what is lost: it neither stored nor heard it.
    const after = await other.publish(event("late", "after"));
    await until(() => expect(ear.texts).toContain("after"));
    expect(await third.read("late", after, undefined, 1_000)).toEqual({ entries: [] });
    // A server that has failed is connected to anew.
    await admin.ask("CLIENT KILL TYPE normal SKIPME yes");
    await until(async () =>
      expect(await third.read("late", after, undefined, 1_000)).toEqual({ refused: "trimmed" }),
    );
    expect(await third.read("late", lost, undefined, 1_000)).toEqual({ refused: "unknown" });
  });

  it("H3: makes it known although what is published next had to wait for a new connection", async () => {
    using link = await openProxy(server.port);
    await using broker = openBroker(link.url, { checkInterval: 20 });
    await using other = openBroker(server.url);
    await using third = openBroker(server.url);
    const ear = new Ear();
    await third.follow("waited", ear);
    // It compares what it follows, all the time.
    await broker.follow("else", new Ear());
    await broker.publish(event("waited", "kept"));
    const restore = await keep(admin, "waited");
    await broker.publish(event("waited", "lost"));
    link.stall();
    await restore();
    const after = await other.publish(event("waited", "after"));
    const publishing = broker.publish(event("waited", "next"));
    link.heal();
    link.cut();
    const next = await publishing;
    await until(() => expect(ear.texts).toContain("next"));
    expect(await third.read("waited", after, next, 1_000)).toEqual({ refused: "trimmed" });
  });

  it("H2: does not take for lost what has only been trimmed, or what is there", async () => {
    await using broker = openBroker(server.url);
    await using other = openBroker(server.url);
    const ids: string[] = [];
    for (const channel of ["there", "trimmed"]) {
      await broker.publish(event(channel, "1"));
      const count = channel === "trimmed" ? 0 : 1_000;
      ids.push(await other.publish(event(channel, "2", { count })));
      if (channel === "trimmed") ids.push(await other.publish(event(channel, "3")));
    }
    await admin.ask("CLIENT KILL TYPE normal SKIPME yes");
    await broker.publish(event("else", "1"));
    const [there = "", , trimmed = ""] = ids;
    for (const [channel, id] of [
      ["there", there],
      ["trimmed", trimmed],
    ] as const) {
      const next = await broker.publish(event(channel, "next"));
      const page = await broker.read(channel, id, undefined, 1_000);
      expect(entriesOf(page).map(({ id }) => id)).toEqual([next]);
    }
  });

  it("H3: gives no id out twice, even where its clock stands still", async () => {
    await using broker = openBroker(server.url);
    // An entry of the far future, as a clock leaves it that was put back.
    const future = Date.now() + 3_600_000;
    await broker.publish(event("clock", "first"));
    const [epoch = ""] = (await admin.ask("HMGET sluice:r:{clock} epoch")) as string[];
    await admin.ask(`HSET sluice:r:{clock} last ${future}-5`);
    const restore = await keep(admin, "clock");
    const ids = new Set<string>();
    for (let n = 0; n < 10; n++) {
      await restore();
      await using stranger = openBroker(server.url);
      for (const text of ["a", "b"]) ids.add(await stranger.publish(event("clock", text)));
    }
    expect(ids.size).toBe(20);
    for (const id of ids) expect(id).toMatch(new RegExp(`^${epoch}\\.${future.toString(36)}-`));
  });

  it("H2: that lost nothing is not taken for one that did", async () => {
    await using broker = openBroker(server.url, { checkInterval: 20 });
    await using other = openBroker(server.url);
    const ear = new Ear();
    const { position } = await broker.follow("whole", ear);
    const ids: string[] = [];
    for (let n = 0; n < 60; n++) {
      ids.push(await (n % 2 === 0 ? broker : other).publish(event("whole", String(n))));
    }
    await until(() => expect(ear.positions.at(-1)).toBe(ids.at(-1)));
    expect(ear.told.map(({ id }) => id)).toEqual(ids);
    expect(ear.told.map(({ previous }) => previous)).toEqual([position, ...ids.slice(0, -1)]);
  });

  it.each(["r", "s", "r and s"])("H3: of %s alone makes it known", async (kinds) => {
    await using broker = openBroker(server.url, { checkInterval: 50 });
    const channel = `gone ${kinds}`.replaceAll(" ", "-");
    const first = await broker.publish(event(channel, "1"));
    const ear = new Ear();
    await broker.follow(channel, ear);
    const second = await broker.publish(event(channel, "2"));
    for (const kind of kinds.split(" and ")) await admin.ask(`DEL sluice:${kind}:{${channel}}`);
    const page = await broker.read(channel, first, undefined, 1_000);
    expect(page.refused).toBe(kinds === "s" ? "trimmed" : "unknown");
    if (kinds !== "s") {
      await until(() => expect(ear.positions.at(-1)).toMatch(/\.0-0$/));
      expect(ear.positions.at(-1)).not.toBe(second);
    }
    const third = await broker.publish(event(channel, "3"));
    const rest = await broker.read(channel, second, undefined, 1_000);
    // Whoever had all goes on where the record tells what came last.
    if (kinds === "s") expect(entriesOf(rest).map(({ id }) => id)).toEqual([third]);
    else expect(rest.refused).toBe("unknown");
  });
});
