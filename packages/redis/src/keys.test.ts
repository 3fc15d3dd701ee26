import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noRedis } from "../test/no-redis.js";
import { type Admin, connectAdmin } from "../test/redis-client.js";
import { type RedisServer, startRedis } from "../test/redis-server.js";
import { Ear, event, openBroker, until } from "../test/subject.js";
import { RedisBroker } from "./index.js";

describe.skipIf(noRedis)("H5: what a channel takes on the server", () => {
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
  const ttl = async (key: string) => Number(await admin.ask(`PTTL ${key}`));

  it("goes by itself when nobody uses the channel any more", async () => {
    const short = { forgetAfter: 300, publishTimeout: 100 };
    await using broker = openBroker(server.url, { ...short, prefix: "short:" });
    const { stop } = await broker.follow("c", new Ear());
    await broker.publish(event("c", "1", { age: 200 }));
    stop();
    // An eighth more than they have to be.
    expect(await ttl("short:r:{c}")).toBeLessThanOrEqual(338);
    expect(await ttl("short:s:{c}")).toBeLessThanOrEqual(225);
    await until(async () => expect(await admin.ask("KEYS short:*")).toEqual([]));
  });

  it("is one record and one stream, which is trimmed and kept alive without being asked each time", async () => {
    await using broker = openBroker(server.url, { prefix: "few:" });
    for (let n = 0; n < 50; n++) await broker.publish(event("c", String(n)));
    expect(await admin.ask("KEYS few:*")).toHaveLength(2);
    for (const key of (await admin.ask("KEYS few:*")) as string[]) {
      expect(await ttl(key)).toBeGreaterThan(0);
    }
  });

  it("does not grow with the processes that have published", async () => {
    const options = { prefix: "many:", publishTimeout: 100 };
    const publish = async (age: number) => {
      await using broker = openBroker(server.url, options);
      await broker.publish(event("c", "1", { age }));
    };
    for (let n = 0; n < 5; n++) await publish(80);
    expect(await admin.ask("HLEN many:r:{c}")).toBe(10);
    // Their last batches are remembered for a minute more than anybody tries to store them.
    const fields = (await admin.ask("HGETALL many:r:{c}")) as Record<string, string>;
    for (const [name, value] of Object.entries(fields)) {
      if (!name.startsWith("b:")) continue;
      const before = Number(value.split(" ").at(-1)) - 61_000;
      await admin.send("HSET", "many:r:{c}", name, value.replace(/\d+$/, String(before)));
    }
    await until(async () => {
      await publish(80);
      expect(await admin.ask("HLEN many:r:{c}")).toBeLessThan(9);
    });
  });

  it("is kept for as long as its end says, however long it was to be kept before", async () => {
    await using broker = openBroker(server.url, { forgetAfter: 1_000, prefix: "ended:" });
    await broker.publish(event("c", "1", { age: 86_400_000 }));
    await broker.publish({ ...event("c", "", { age: 2_000 }), kind: "end" });
    for (const key of ["ended:r:{c}", "ended:s:{c}"]) {
      expect(await ttl(key)).toBeGreaterThan(1_000);
      expect(await ttl(key)).toBeLessThanOrEqual(2_250);
    }
  });

  it("H2: is kept for the age of the history, whoever follows or compares meanwhile", async () => {
    const options = { prefix: "age:", forgetAfter: 1_000, checkInterval: 30 };
    await using broker = openBroker(server.url, options);
    await broker.publish(event("c", "1", { age: 86_400_000 }));
    const ear = new Ear();
    await broker.follow("c", ear);
    await until(() => expect(ear.positions.length).toBeGreaterThan(1));
    expect(await ttl("age:r:{c}")).toBeGreaterThan(80_000_000);
  });

  it("is kept while somebody follows, although nothing is published", async () => {
    const options = { prefix: "quiet:", forgetAfter: 400, checkInterval: 50 };
    await using broker = openBroker(server.url, options);
    const ear = new Ear();
    const { position } = await broker.follow("c", ear);
    await until(() => expect(ear.positions.length).toBeGreaterThan(20));
    expect(new Set(ear.positions)).toEqual(new Set([position]));
  });

  it("is about as many bytes as the history may have, over 100,000 events of mixed sizes", async () => {
    const bytes = 1_048_576;
    await using broker = openBroker(server.url, {
      prefix: "bytes:",
      publishTimeout: "60s",
      commandTimeout: "20s",
      maxQueuedBytes: 268_435_456,
    });
    let most = 0;
    let stored = 0;
    const block = "x".repeat(20_000);
    for (let round = 0; round < 50; round++) {
      const texts = Array.from({ length: 2_000 }, (_, n) =>
        block.slice(0, n % 100 === 0 ? 20_000 : (n * 37) % 300),
      );
      await Promise.all(
        texts.map((text) => broker.publish(event("c", text, { count: 1_000_000, bytes }))),
      );
      most = Math.max(most, Number(await admin.ask("MEMORY USAGE bytes:s:{c} SAMPLES 0")));
      stored = Number(await admin.ask("XLEN bytes:s:{c}"));
    }
    expect(most).toBeLessThan(1.5 * bytes + stored * 64);
    // Not much less either: about as many of those as fit.
    expect(stored).toBeGreaterThan(1_500);
  }, 60_000);

  it("is about as many events as the history may have", async () => {
    await using broker = openBroker(server.url, { prefix: "count:" });
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 500 }, () => broker.publish(event("c", "text", { count: 300 }))),
      );
      const length = Number(await admin.ask("XLEN count:s:{c}"));
      expect(length).toBeGreaterThanOrEqual(300);
      expect(length).toBeLessThanOrEqual(300 + 200);
    }
  });

  it("is no older than the history may be, but for the rest of a node", async () => {
    await using broker = openBroker(server.url, { prefix: "old:" });
    for (let n = 0; n < 250; n++) await broker.publish(event("c", String(n), { age: 3_000 }));
    await until(async () => {
      await broker.publish(event("c", "new", { age: 50 }));
      expect(Number(await admin.ask("XLEN old:s:{c}"))).toBeLessThan(150);
    });
  });

  it("is nothing but the record where there is no history", async () => {
    await using broker = openBroker(server.url, { prefix: "none:" });
    await broker.publish(event("c", "1", { count: 0 }));
    await broker.publish(event("c", "2", { count: 0 }));
    expect(await admin.ask("XLEN none:s:{c}")).toBe(0);
  });

  it("never meets what others have under another prefix, or in another database", async () => {
    await using one = openBroker(server.url, { prefix: "one:" });
    await using two = openBroker(server.url, { prefix: "two:" });
    await using three = openBroker(`${server.url}/3`, { prefix: "one:" });
    const ears = [new Ear(), new Ear(), new Ear()];
    await one.follow("c", ears[0]!);
    await two.follow("c", ears[1]!);
    const { position } = await three.follow("c", ears[2]!);
    const id = await one.publish(event("c", "of one"));
    const own = await three.publish(event("c", "of three"));
    await until(() => expect(ears[2]!.texts).toContain("of three"));
    expect(ears[1]!.told).toEqual([]);
    expect(await two.read("c", id, undefined, 100)).toEqual({ refused: "unknown" });
    expect(await three.read("c", id, undefined, 100)).toEqual({ refused: "unknown" });
    // A topic is one for all databases of a server: what is heard of another one is linked to nothing here.
    const ours = ears[2]!.told.filter(({ previous }) => previous === position);
    expect(ours.map(({ text }) => text)).toEqual(["of three"]);
    expect(await three.read("c", position, undefined, 100)).toMatchObject({
      entries: [{ id: own }],
    });
  });

  it("lives on the server of its name, of several", async () => {
    await using second = await startRedis();
    using other = await connectAdmin(second.url);
    const urls = [server.url, second.url];
    await using one = openBroker(urls, { prefix: "shards:" });
    await using two = openBroker(urls, { prefix: "shards:" });
    const names = Array.from({ length: 40 }, (_, n) => `shard-${n}`);
    const ears = new Map(names.map((name) => [name, new Ear()]));
    for (const [name, ear] of ears) await one.follow(name, ear);
    await Promise.all(names.map((name) => two.publish(event(name, name))));
    for (const [name, ear] of ears) await until(() => expect(ear.texts).toEqual([name]));
    const here = (await admin.ask("KEYS shards:s:*")) as string[];
    const there = (await other.ask("KEYS shards:s:*")) as string[];
    expect(here.length + there.length).toBe(40);
    expect(Math.min(here.length, there.length)).toBeGreaterThan(8);
    // For good: another place for a name would lose its history.
    expect(here).toContain("shards:s:{shard-1}");
    expect(there).toContain("shards:s:{shard-0}");

    // One of them that fails takes nothing from the channels of the other.
    await second.kill();
    await two.publish(event("shard-1", "again"));
    await until(() => expect(ears.get("shard-1")!.texts).toEqual(["shard-1", "again"]));
  });

  it("needs no more than one connection to publish and one to follow", async () => {
    await using own = await startRedis();
    using eye = await connectAdmin(own.url);
    const clients = async () => Number((await eye.info("clients")).get("connected_clients")) - 1;
    const broker = new RedisBroker({ url: own.url });
    expect(await clients()).toBe(0);
    const names = Array.from({ length: 20 }, (_, n) => `c${n}`);
    await Promise.all(names.map((name) => broker.publish(event(name, "1"))));
    expect(await clients()).toBe(1);
    await Promise.all(names.map((name) => broker.follow(name, new Ear())));
    expect(await clients()).toBe(2);
    await broker.close();
    await until(async () => expect(await clients()).toBe(0));
  });
});
