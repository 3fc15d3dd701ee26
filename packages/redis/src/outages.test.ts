import { SluiceError } from "@sluice/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noRedis } from "../test/no-redis.js";
import { openProxy } from "../test/proxy.js";
import { type Admin, connectAdmin } from "../test/redis-client.js";
import { type RedisServer, startRedis } from "../test/redis-server.js";
import { Ear, entriesOf, event, openBroker, until } from "../test/subject.js";

const codeOf = (error: unknown) => (error as { code?: string }).code;

describe.skipIf(noRedis)("a server that comes and goes", () => {
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

  it("may come after the application: what was published meanwhile is stored, once", async () => {
    await using late = await startRedis();
    await late.kill();
    await using broker = openBroker(late.url);
    const publishing = ["a", "b"].map((text) => broker.publish(event("late", text)));
    await expect(broker.follow("late", new Ear())).rejects.toMatchObject({
      code: "ERR_REDIS_OFFLINE",
    });
    await late.restart();
    const ids = await Promise.all(publishing);
    const { position } = await broker.follow("late", new Ear());
    expect(position).toBe(ids[1]);
  });

  it("lets a join wait that comes while its connection is being made", async () => {
    using proxy = await openProxy(server.port);
    await using broker = openBroker(proxy.url, { commandTimeout: "2s" });
    await broker.publish(event("short", "1"));
    proxy.cut();
    await expect(broker.follow("short", new Ear())).resolves.toMatchObject({ ended: undefined });
  });

  it("is found again although a connection never gets an answer to its first word", async () => {
    using proxy = await openProxy(server.port);
    proxy.stall();
    await using broker = openBroker(proxy.url);
    const publishing = broker.publish(event("mute", "1"));
    await until(() => expect(proxy.taken).toBe(1));
    // What was connected before stays silent for ever.
    proxy.heal();
    await expect(publishing).resolves.toMatch(/\./);
    const ear = new Ear();
    await broker.follow("mute", ear);
    await broker.publish(event("mute", "2"));
    await until(() => expect(ear.texts).toEqual(["2"]));
  });

  it("is found again by those who follow although their connection has gone silent", async () => {
    using proxy = await openProxy(server.port);
    await using broker = openBroker(proxy.url, { checkInterval: 400 });
    await using other = openBroker(server.url);
    const ear = new Ear();
    await broker.follow("silent", ear);
    proxy.stall();
    const missed = await other.publish(event("silent", "missed"));
    proxy.heal();
    await until(() => expect(ear.positions).toContain(missed));
    // The connection for commands may have been the first to be there again.
    await until(async () => {
      await other.publish(event("silent", "heard"));
      expect(ear.texts).toContain("heard");
    });
  });

  it("H2: tells at once after a break how far a channel has come", async () => {
    await using broker = openBroker(server.url);
    await using other = openBroker(server.url);
    const ear = new Ear();
    await broker.follow("break", ear);
    await admin.ask("CLIENT KILL TYPE pubsub");
    const missed = await other.publish(event("break", "missed"));
    await until(() =>
      expect([...ear.positions, ...ear.told.map(({ id }) => id)]).toContain(missed),
    );
  });

  it("H2: tells it too when the comparison fails at first", async () => {
    await using own = await startRedis();
    using proxy = await openProxy(own.port);
    await using broker = openBroker(proxy.url);
    await using other = openBroker(own.url);
    const ear = new Ear();
    await broker.follow("later", ear);
    using spoiler = await connectAdmin(own.url);
    // The comparison gets no answer; what it waits for comes with the next one.
    await spoiler.ask("CLIENT PAUSE 700 WRITE");
    proxy.cut();
    await until(async () => {
      const subscribed = (await spoiler.ask("PUBSUB NUMSUB sluice:t:{later}")) as unknown[];
      expect(Number(subscribed[1])).toBe(1);
    });
    await until(() => expect(ear.positions.length).toBeGreaterThan(0));
    await other.publish(event("later", "1"));
    await until(() => expect(ear.texts).toEqual(["1"]));
  });

  it("leaves no topic subscribed that nobody follows, whatever broke meanwhile", async () => {
    using proxy = await openProxy(server.port);
    await using broker = openBroker(proxy.url);
    const names = Array.from({ length: 20 }, (_, n) => `leaving-${n}`);
    const followings = await Promise.all(names.map((name) => broker.follow(name, new Ear())));
    for (const [n, { stop }] of followings.entries()) {
      if (n === 10) proxy.cut();
      stop();
    }
    const ear = new Ear();
    await until(() => broker.follow("staying", ear));
    await until(async () => expect(await admin.ask("PUBSUB CHANNELS *{leaving-*")).toEqual([]));
  });

  it("H2: is followed by whoever comes while another leaves", async () => {
    await using broker = openBroker(server.url, { commandTimeout: "5s" });
    const ears: Ear[] = [];
    for (let n = 0; n < 30; n++) {
      const { stop } = await broker.follow("swing", new Ear());
      const ear = new Ear();
      ears.push(ear);
      stop();
      const following = await broker.follow("swing", ear);
      await broker.publish(event("swing", String(n)));
      await until(() => expect(ear.texts).toEqual([String(n)]));
      following.stop();
    }
    await broker.publish(event("swing", "nobody"));
    expect(ears.map(({ texts }) => texts.length)).toEqual(ears.map(() => 1));
  });

  it("is not given up because this process was held up itself", async () => {
    using proxy = await openProxy(server.port);
    await using broker = openBroker(proxy.url);
    await broker.publish(event("held", "1"));
    await broker.follow("held", new Ear());
    const { taken } = proxy;
    const publishing = broker.publish(event("held", "2"));
    const reading = broker.read("held", "x", undefined, 1);
    setImmediate(() => {
      const end = performance.now() + 1_000;
      while (performance.now() < end);
    });
    await expect(publishing).resolves.toMatch(/\./);
    await reading;
    expect(proxy.taken).toBe(taken);
  });

  it("that has become a replica is left for the one that its name leads to now", async () => {
    await using old = await startRedis();
    await using next = await startRedis();
    using proxy = await openProxy(old.port);
    await using broker = openBroker(proxy.url);
    await broker.publish(event("roles", "1"));
    using spoiler = await connectAdmin(old.url);
    await spoiler.ask(`REPLICAOF 127.0.0.1 ${next.port}`);
    proxy.target = next.port;
    // No connection breaks.
    await expect(broker.publish(event("roles", "2"))).resolves.toMatch(/\./);
  });

  describe("and hangs", () => {
    it("is given up on time, each publication by its own deadline", async () => {
      using proxy = await openProxy(server.port);
      await using broker = openBroker(proxy.url, { publishTimeout: 600 });
      await broker.publish(event("hang", "0"));
      proxy.stall();
      const began = performance.now();
      const settle = async (text: string) => {
        const at = performance.now();
        const code = await broker.publish(event("hang", text)).then(() => "stored", codeOf);
        return { code, took: performance.now() - at };
      };
      const settling = [settle("1")];
      while (performance.now() - began < 900) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        settling.push(settle("more"));
      }
      const outcomes = await Promise.all(settling);
      expect(outcomes[0]!.code).toBe("ERR_OUTCOME_UNKNOWN");
      expect(outcomes.at(-1)!.code).toBe("ERR_NOT_STORED");
      for (const { took } of outcomes) expect(took).toBeGreaterThan(500);
      for (const { took } of outcomes) expect(took).toBeLessThan(1_500);
    });

    it("H5: lets no more wait than it may, small events included", async () => {
      using proxy = await openProxy(server.port);
      await using broker = openBroker(proxy.url, { publishTimeout: 600, maxQueuedBytes: 102_400 });
      await broker.publish(event("full", "0"));
      proxy.stall();
      const outcomes = await Promise.all(
        Array.from({ length: 1_000 }, () => broker.publish(event("full", "x")).catch(codeOf)),
      );
      const refused = outcomes.filter((code) => code === "ERR_NOT_STORED").length;
      expect(refused).toBeGreaterThanOrEqual(800);
      proxy.heal();
      await expect(broker.publish(event("full", "1"))).resolves.toMatch(/\./);
    });

    it("does not keep the broker from closing", async () => {
      using proxy = await openProxy(server.port);
      const broker = openBroker(proxy.url, { publishTimeout: "30s" });
      await broker.follow("closing", new Ear());
      proxy.stall();
      const publishing = Array.from({ length: 1_000 }, (_, n) =>
        broker.publish(event("closing", String(n))).catch(codeOf),
      );
      const reading = broker.read("closing", "AAAAA.0-0", undefined, 1).catch(codeOf);
      const began = performance.now();
      await broker.close();
      expect(performance.now() - began).toBeLessThan(3_000);
      const codes = ["ERR_NOT_STORED", "ERR_OUTCOME_UNKNOWN", "ERR_REDIS_DEADLINE"];
      expect(new Set(await Promise.all([...publishing, reading]))).toEqual(new Set(codes));
      await expect(broker.publish(event("closing", "x"))).rejects.toBeInstanceOf(SluiceError);
    });
  });

  it("H2: stores a batch once, although its answers are lost again and again", async () => {
    using proxy = await openProxy(server.port);
    await using broker = openBroker(proxy.url);
    await broker.publish(event("twice", "0"));
    const { position } = await broker.follow("twice", new Ear());
    const cutting = setInterval(() => proxy.cut(), 25);
    const publishing: Promise<unknown>[] = [];
    for (let n = 1; n <= 200; n++) {
      publishing.push(broker.publish(event("twice", String(n))));
      await new Promise((resolve) => setTimeout(resolve, 3));
      if (n === 150) clearInterval(cutting);
    }
    clearInterval(cutting);
    const ids = await Promise.all(publishing);
    const stored = entriesOf(await broker.read("twice", position, undefined, 1_000_000));
    expect(stored.map(({ text }) => Number(text))).toEqual(ids.map((_, n) => n + 1));
    expect(stored.map(({ id }) => id)).toEqual(ids);
  });

  it("H6: what is published when the broker closes is stored", async () => {
    const broker = openBroker(server.url);
    const publishing = Array.from({ length: 250 }, (_, n) => broker.publish(event("last", `${n}`)));
    await broker.close();
    expect(new Set(await Promise.all(publishing)).size).toBe(250);
  });

  it("H4: leaves no timer, socket or promise, whenever the broker is closed", async () => {
    await using own = await startRedis();
    using proxy = await openProxy(own.port);
    using eye = await connectAdmin(own.url);
    const resources = () =>
      process.getActiveResourcesInfo().filter((name) => /^(Timeout|TCPSocketWrap)$/.test(name));
    const before = resources().length;
    for (let n = 0; n < 24; n++) {
      if (n === 8) proxy.stall();
      if (n === 16) {
        proxy.heal();
        proxy.target = 1;
      }
      const broker = openBroker(proxy.url, { commandTimeout: 100, checkInterval: 10 });
      const doing: Promise<unknown>[] = [];
      for (let each = 0; each < 5; each++) {
        const channel = `moment-${each}`;
        doing.push(broker.follow(channel, new Ear()).then(({ stop }) => each > 2 && stop()));
        doing.push(broker.publish(event(channel, "1")));
        doing.push(broker.read(channel, "AAAAA.1-1", undefined, 100));
        doing.push(broker.rewind(channel, 1, "AAAAA.1-1"));
      }
      const settling = Promise.allSettled(doing);
      await new Promise((resolve) => setTimeout(resolve, (n % 8) * 3));
      await broker.close();
      await settling;
    }
    proxy[Symbol.dispose]();
    await until(async () => {
      expect(Number((await eye.info("clients")).get("connected_clients"))).toBe(1);
      // Waiting takes two timers itself.
      expect(resources().length).toBeLessThanOrEqual(before + 2);
    });
  });
});
