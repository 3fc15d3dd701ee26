import { on } from "node:events";
import type { NewRun, RunStore } from "@sluice/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noRedis } from "../../test/no-redis.js";
import { type Program, startProgram } from "../../test/program.js";
import { openProxy } from "../../test/proxy.js";
import { type Admin, connectAdmin } from "../../test/redis-client.js";
import { type RedisServer, startRedis } from "../../test/redis-server.js";
import { openBroker, until } from "../../test/subject.js";

// What every store of runs promises is held by the suite in @sluice/testing.

const LONG = 3_600_000;
const DONE = { state: "done", events: 3 } as const;
const LOST = { state: "lost", events: 0 } as const;

function runOf(attempt = "a"): NewRun {
  return { attempt, channel: `run/${attempt}`, principal: "ann", note: "" };
}

async function start(runs: RunStore, key: string, attempt = "a", lease = LONG): Promise<void> {
  expect(await runs.claim(key, runOf(attempt), undefined, lease)).toBe(true);
}

describe.skipIf(noRedis)("runs on Redis", () => {
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

  describe("a race", () => {
    it("of many processes for many keys has one winner each", async () => {
      const brokers = Array.from({ length: 8 }, () => openBroker(server.url, { prefix: "race:" }));
      try {
        for (let round = 0; round < 20; round++) {
          const key = `key ${round}`;
          const claimed = await Promise.all(
            brokers.map(({ runs }, n) => runs.claim(key, runOf(`of ${n}`), undefined, LONG)),
          );
          const winner = claimed.indexOf(true);
          expect(claimed.filter(Boolean)).toHaveLength(1);
          const found = await Promise.all(brokers.map(({ runs }) => runs.find(key)));
          expect(new Set(found.map((each) => each?.attempt))).toEqual(new Set([`of ${winner}`]));
          // All but one see that it is lost when they look at the same time.
          await brokers[0]!.runs.renew(key, `of ${winner}`, 1);
          await until(async () => expect((await brokers[0]!.runs.find(key))?.held).toBe(false));
          const ended = await Promise.all(
            brokers.map(({ runs }) => runs.finish(key, `of ${winner}`, LOST, LONG)),
          );
          expect(ended.filter(Boolean)).toHaveLength(1);
        }
      } finally {
        await Promise.all(brokers.map((broker) => broker.close()));
      }
    });
  });

  describe("a process that stands still", () => {
    /** What it says, from now on. */
    function hear({ process: child }: Program): () => Promise<Record<string, unknown>> {
      const messages = on(child, "message");
      return async () => {
        const { value } = await messages.next();
        return (value as [Record<string, unknown>])[0];
      };
    }

    it("loses its run when its lease runs out, and learns of it when it goes on", async () => {
      await using broker = openBroker(server.url);
      const { runs } = broker;
      const options = { url: server.url, key: "paused", lease: 500 };
      await using program = await startProgram("runner", options);
      const next = hear(program);
      expect(await next()).toEqual({ claimed: true });
      // Longer than its lease, in renewals.
      let heard = await next();
      while (Number(heard["renewals"]) < 15) heard = await next();
      const attempt = `process ${String(program.process.pid)}`;
      expect(await runs.find("paused")).toMatchObject({ attempt, held: true });
      expect(await runs.watch("paused", attempt, LONG)).toBe(true);
      while (heard["watched"] === false) heard = await next();

      program.process.kill("SIGSTOP");
      await until(async () => expect((await runs.find("paused"))?.held).toBe(false));
      expect(await runs.watch("paused", attempt, LONG)).toBe(false);
      expect(await runs.claim("paused", runOf(), attempt, LONG)).toBe(false);
      expect(await runs.finish("paused", attempt, LOST, LONG)).toBe(true);
      expect(await runs.claim("paused", runOf(), attempt, LONG)).toBe(true);

      program.process.kill("SIGCONT");
      while (heard["lost"] === undefined) heard = await next();
      expect(heard).toEqual({ lost: attempt });
      expect(await runs.find("paused")).toMatchObject({ attempt: "a", held: true });
    });

    it("loses it too when it is gone for good", async () => {
      await using broker = openBroker(server.url);
      const options = { url: server.url, key: "killed", lease: 300 };
      await using program = await startProgram("runner", options);
      expect(await program.ready).toEqual({ claimed: true });
      program.process.kill("SIGKILL");
      await until(async () => {
        const found = await broker.runs.find("killed");
        expect(found).toMatchObject({ state: "running", held: false });
      });
    });
  });

  describe("a server that restarts", () => {
    it("with its data has the runs and their leases, by its own clock", async () => {
      const aof = ["--appendonly", "yes", "--appendfsync", "always"];
      await using own = await startRedis(aof);
      await using broker = openBroker(own.url, { commandTimeout: "2s" });
      const { runs } = broker;
      await start(runs, "key");
      await start(runs, "brief", "b", 50);
      await runs.watch("key", "a", LONG);
      await start(runs, "ended", "c");
      await runs.finish("ended", "c", DONE, LONG);
      const before = await runs.find("key");
      await own.kill();
      // What is asked while it is away is answered when it is back.
      const renewing = runs.renew("key", "a", LONG);
      await own.restart();
      expect(await renewing).toEqual({ held: true, watched: true });
      expect(await runs.find("key")).toEqual(before);
      expect(await runs.find("ended")).toMatchObject({ ...DONE, held: false });
      // Nobody could renew it meanwhile.
      await until(async () => expect((await runs.find("brief"))?.held).toBe(false));
      expect(await runs.renew("brief", "b", LONG)).toEqual({ held: false, watched: false });
    });

    it("empty knows of no run: who runs one learns that it is not held, and the key is free", async () => {
      await using own = await startRedis();
      await using broker = openBroker(own.url, { commandTimeout: "2s" });
      const { runs } = broker;
      await start(runs, "key");
      await own.kill();
      await own.restart();
      expect(await runs.renew("key", "a", LONG)).toEqual({ held: false, watched: false });
      expect(await runs.finish("key", "a", DONE, LONG)).toBe(false);
      expect(await runs.find("key")).toBeUndefined();
      await start(runs, "key", "b");
      expect(await runs.renew("key", "a", LONG)).toEqual({ held: false, watched: false });
    });
  });

  describe("an answer that is lost", () => {
    it("is asked for again, and says what became of it the first time", async () => {
      using proxy = await openProxy(server.port);
      await using broker = openBroker(proxy.url, { prefix: "again:", commandTimeout: 500 });
      await using eye = openBroker(server.url, { prefix: "again:" });
      const { runs } = broker;
      await runs.find("key");

      /** Lets the first answer be lost, and says when it was. */
      const lose = async <T>(
        call: () => T | Promise<T>,
        happened: () => Promise<void>,
      ): Promise<T> => {
        proxy.mute();
        const answer = call();
        await until(happened);
        proxy.heal();
        return answer;
      };
      const begun = await lose(
        () => runs.claim("key", runOf(), undefined, LONG),
        async () => expect((await eye.runs.find("key"))?.held).toBe(true),
      );
      expect(begun).toBe(true);
      const ended = await lose(
        () => runs.finish("key", "a", DONE, LONG),
        async () => expect((await eye.runs.find("key"))?.state).toBe("done"),
      );
      expect(ended).toBe(true);
      await runs.claim("key", runOf("b"), "a", LONG);
      const forgotten = await lose(
        () => runs.finish("key", "b", DONE, 0),
        async () => expect(await eye.runs.find("key")).toBeUndefined(),
      );
      expect(forgotten).toBe(true);
      // Somebody else's end is not taken for one's own.
      expect(await eye.runs.finish("key", "b", DONE, 0)).toBe(false);
    });

    it("is unknown when it does not come at all, and can be asked for later", async () => {
      using proxy = await openProxy(server.port);
      await using broker = openBroker(proxy.url, { prefix: "unknown:", commandTimeout: 150 });
      const { runs } = broker;
      await runs.find("key");
      proxy.mute();
      const claim = () => runs.claim("key", runOf(), undefined, LONG);
      const finish = () => runs.finish("key", "a", DONE, LONG);
      await expect(claim()).rejects.toMatchObject({
        name: "SluiceError",
        code: "ERR_OUTCOME_UNKNOWN",
        message: expect.stringContaining("Ask again for the same attempt"),
      });
      proxy.heal();
      expect(await until(claim)).toBe(true);
      proxy.mute();
      await expect(finish()).rejects.toMatchObject({ code: "ERR_OUTCOME_UNKNOWN" });
      await expect(runs.renew("key", "a", LONG)).rejects.toMatchObject({
        name: "RedisBrokerError",
      });
      proxy.heal();
      await until(async () => expect(await runs.find("key")).toMatchObject(DONE));
    });

    it("does not begin a run that has been forgotten meanwhile", async () => {
      await using broker = openBroker(server.url, { prefix: "late:" });
      const { runs } = broker;
      await start(runs, "key");
      await runs.finish("key", "a", DONE, 0);
      // The same question once more, as it comes in from a connection that is no more.
      expect(await runs.claim("key", runOf(), undefined, LONG)).toBe(false);
      expect(await runs.find("key")).toBeUndefined();
      expect(await ttl("late:run:{key}")).toBeLessThanOrEqual(60_000);
      await start(runs, "key", "b");
    });
  });

  describe("a server that can't be asked", () => {
    it("stores nothing for certain where there is no connection", async () => {
      await using own = await startRedis();
      await using broker = openBroker(own.url, { commandTimeout: 100 });
      const { runs } = broker;
      await start(runs, "key");
      await own.kill();
      const isCertain = { name: "SluiceError", code: "ERR_NOT_STORED" };
      const isOffline = { name: "RedisBrokerError", code: "ERR_REDIS_OFFLINE" };
      // The connection may not have broken yet.
      await until(() => expect(runs.find("key")).rejects.toMatchObject(isOffline));
      const began = performance.now();
      await expect(runs.claim("key", runOf("b"), "a", LONG)).rejects.toMatchObject(isCertain);
      await expect(runs.finish("key", "a", DONE, LONG)).rejects.toMatchObject(isCertain);
      await expect(runs.renew("key", "a", LONG)).rejects.toMatchObject(isOffline);
      await expect(runs.watch("key", "a", LONG)).rejects.toMatchObject(isOffline);
      expect(performance.now() - began).toBeLessThan(3_000);
    });

    it.each(["set", "hset"])("stores nothing for certain where it refuses: %s", async (right) => {
      await admin.ask(`ACL SETUSER less reset on >password ~* &* +@all -${right}`);
      const url = server.url.replace("//", "//less:password@");
      await using broker = openBroker(url, { prefix: "refused:", commandTimeout: 100 });
      await using other = openBroker(server.url, { prefix: "refused:" });
      const isRefused = { code: "ERR_NOT_STORED", cause: { code: "ERR_REDIS_REPLY" } };
      await expect(broker.runs.claim(right, runOf("b"), undefined, LONG)).rejects.toMatchObject(
        isRefused,
      );
      expect(await other.runs.find(right)).toBeUndefined();
      await start(other.runs, right);
      expect(await other.runs.renew(right, "b", LONG)).toEqual({ held: false, watched: false });
    });

    it("is asked no more when the broker is closed", async () => {
      const broker = openBroker(server.url);
      const { runs } = broker;
      await start(runs, "open");
      const finding = runs.find("open");
      await broker.close();
      expect(await finding).toMatchObject({ attempt: "a" });
      const calls = await Promise.allSettled([
        runs.find("open"),
        runs.claim("open", runOf(), undefined, LONG),
        runs.renew("open", "a", LONG),
        runs.watch("open", "a", LONG),
        runs.finish("open", "a", DONE, LONG),
      ]);
      const isRefused = { status: "rejected", reason: { code: "ERR_BROKER_CLOSED" } };
      expect(calls).toMatchObject(calls.map(() => isRefused));
    });
  });

  describe("what a run takes on the server", () => {
    it("H4: is two keys, one more while it is watched, and goes by itself", async () => {
      await using broker = openBroker(server.url, { prefix: "keys:" });
      const { runs } = broker;
      await start(runs, "key", "a", 20_000);
      await runs.watch("key", "a", 10_000);
      const record = "keys:run:{key}";
      const lease = "keys:run-lease:{key}";
      const watch = "keys:run-watch:{key}";
      const keys = (await admin.ask("KEYS keys:*")) as string[];
      expect(new Set(keys)).toEqual(new Set([record, lease, watch]));
      const between = async (key: string, low: number, high: number) => {
        const left = await ttl(key);
        expect([key, left > low, left <= high]).toEqual([key, true, true]);
      };
      await between(lease, 10_000, 20_000);
      await between(watch, 1, 10_000);
      // An hour more than anybody holds it.
      await between(record, 3_600_000, 3_620_000);
      await runs.renew("key", "a", 60_000);
      await between(lease, 50_000, 60_000);
      await between(record, 3_650_000, 3_660_000);
      await runs.watch("key", "a", 100);
      await between(watch, 1, 10_000);
      await runs.finish("key", "a", DONE, 300);
      expect(await admin.ask("KEYS keys:*")).toEqual([record]);
      await until(async () => expect(await admin.ask("KEYS keys:*")).toEqual([]));
    });

    it("has one hash tag, whatever the key", async () => {
      await using broker = openBroker(server.url, { prefix: "tags:" });
      for (const key of ["}a", "{a}b", "%7Da", "a"]) await start(broker.runs, key);
      expect(new Set((await admin.ask("KEYS tags:run:*")) as string[])).toEqual(
        new Set(["tags:run:{%7Da}", "tags:run:{%7Ba%7Db}", "tags:run:{%257Da}", "tags:run:{a}"]),
      );
    });

    it("is of one prefix, and of one server of several", async () => {
      await using second = await startRedis();
      using other = await connectAdmin(second.url);
      const urls = [server.url, second.url];
      await using one = openBroker(urls, { prefix: "some:" });
      await using two = openBroker(urls, { prefix: "some:" });
      await using stranger = openBroker(urls, { prefix: "others:" });
      const keys = Array.from({ length: 40 }, (_, n) => `key-${n}`);
      await Promise.all(keys.map((key) => start(one.runs, key)));
      for (const key of keys) {
        expect(await two.runs.find(key)).toMatchObject({ attempt: "a", held: true });
        expect(await stranger.runs.find(key)).toBeUndefined();
      }
      const here = (await admin.ask("KEYS some:run:*")) as string[];
      const there = (await other.ask("KEYS some:run:*")) as string[];
      expect(here.length + there.length).toBe(40);
      expect(Math.min(here.length, there.length)).toBeGreaterThan(8);
    });

    it("counts for nothing without its record", async () => {
      await using broker = openBroker(server.url, { prefix: "evicted:" });
      const { runs } = broker;
      await start(runs, "key");
      await admin.ask("DEL evicted:run:{key}");
      expect(await runs.renew("key", "a", LONG)).toEqual({ held: false, watched: false });
      expect(await runs.watch("key", "a", LONG)).toBe(false);
      await start(runs, "key", "b");
      expect(await runs.renew("key", "a", LONG)).toEqual({ held: false, watched: false });
    });
  });

  it("are told by the clock of the server, not by those of the processes", async () => {
    await using broker = openBroker(server.url);
    const [before] = (await admin.ask("TIME")) as [string];
    await start(broker.runs, "times");
    await broker.runs.finish("times", "a", DONE, LONG);
    const [after] = (await admin.ask("TIME")) as [string];
    const { started, finished } = (await broker.runs.find("times"))!;
    expect(started).toBeGreaterThanOrEqual(Number(before) * 1_000);
    expect(finished).toBeGreaterThanOrEqual(started);
    expect(finished).toBeLessThan((Number(after) + 1) * 1_000);
  });

  it("go through the connection that there is", async () => {
    await using own = await startRedis();
    using eye = await connectAdmin(own.url);
    await using broker = openBroker(own.url);
    await Promise.all(Array.from({ length: 50 }, (_, n) => start(broker.runs, `key ${n}`)));
    const clients = Number((await eye.info("clients")).get("connected_clients"));
    expect(clients).toBe(2);
  });
});
