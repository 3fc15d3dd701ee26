import { randomUUID } from "node:crypto";
import { createClient } from "@redis/client";
import type { NewRevocation, NodesListener, Revocation } from "@sluice/core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { noRedis } from "../../test/no-redis.js";
import { type RedisServer, startRedis } from "../../test/redis-server.js";
import { RedisNodes, type RedisNodesOptions } from "../index.js";
import { REVOKE } from "./scripts.js";

/** A listener that keeps what it is told. */
class Ear implements NodesListener {
  readonly told: Revocation[] = [];
  misses = 0;
  held = new Map<string, number>();

  revoked(revocation: Revocation): void {
    if (!this.told.some(({ id }) => id === revocation.id)) this.told.push(revocation);
  }
  missed(): void {
    this.misses++;
  }
  standing(): Iterable<Revocation> {
    return this.told.filter(({ until }) => until > Date.now());
  }
  counts(): ReadonlyMap<string, number> {
    return new Map(this.held);
  }
  get principals(): (string | undefined)[] {
    return this.told.map(({ selector }) => selector.principal);
  }
}

function revocationOf(principal: string, lasts = 60_000): NewRevocation {
  return { id: randomUUID(), selector: { principal }, reason: "revoked", retry: undefined, lasts };
}

describe.skipIf(noRedis)("the nodes of an application, through Redis", () => {
  let server: RedisServer;
  let admin: ReturnType<typeof createClient>;
  beforeAll(async () => {
    server = await startRedis();
    admin = createClient({ url: server.url });
    admin.on("error", () => {});
    await admin.connect();
  });
  afterAll(async () => {
    admin?.destroy();
    await server?.[Symbol.asyncDispose]();
  });

  let prefix = "";
  /** A node of an application of its own, or of one that there is. */
  function open(options: Partial<RedisNodesOptions> = {}) {
    const ear = new Ear();
    prefix = options.prefix ?? `${randomUUID()}:`;
    const nodes = new RedisNodes({ url: server.url, ...options, prefix });
    onTestFinished(() => nodes.close());
    nodes.open(ear);
    return { nodes, ear };
  }
  /** A key of the revocations of the nodes that were opened last. */
  const key = (name: string): string => `${prefix}nodes:{revocations}:${name}`;
  /** Has a node forget all revocations that are over, as it does when it has kept them for long. */
  async function age(milliseconds: number): Promise<void> {
    for (const { value, score } of await admin.zRangeWithScores(key("untils"), 0, -1)) {
      await admin.zAdd(key("untils"), { value, score: score - milliseconds });
    }
  }

  it("tell each other what is revoked, whole and once, before `sync` resolves", async () => {
    const a = open({ checkInterval: "1h" });
    const b = open({ prefix, checkInterval: "1h" });
    await b.nodes.sync();
    const revocation: NewRevocation = {
      id: "r1",
      selector: { principal: "ann\n", tags: { ключ: "\u0000\ud83d\ude00" }, route: "R.r" },
      reason: "expired",
      retry: 7_000,
      lasts: 5_000,
    };
    const before = Date.now();
    await a.nodes.revoke(revocation);
    expect(a.ear.told).toHaveLength(1);
    await b.nodes.sync();
    expect(b.ear.told).toEqual(a.ear.told);
    const [{ at, until, ...rest }] = b.ear.told as [Revocation];
    const { lasts, ...asked } = revocation;
    expect([rest, until - at]).toEqual([asked, lasts]);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  it("are told without being asked", async () => {
    const a = open();
    const b = open({ prefix });
    await a.nodes.revoke(revocationOf("ann"));
    await vi.waitFor(() => expect(b.ear.principals).toEqual(["ann"]));
  });

  it("learn of all revocations in force when they start later, page by page", async () => {
    const a = open();
    const names = Array.from({ length: 1_234 }, (_, n) => `user ${n}`);
    await Promise.all(names.map((name) => a.nodes.revoke(revocationOf(name))));
    const b = open({ prefix });
    await b.nodes.sync();
    expect(new Set(b.ear.principals)).toEqual(new Set(names));
    expect([a.ear.misses, b.ear.misses]).toEqual([0, 0]);
  });

  it("answer ten thousand who ask at once with a few looks", async () => {
    const { nodes } = open({ checkInterval: "1h" });
    await nodes.sync();
    await admin.configResetStat();
    const begun = performance.now();
    await Promise.all(Array.from({ length: 10_000 }, () => nodes.sync()));
    const took = performance.now() - begun;
    const stats = await admin.info("commandstats");
    const looks = Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]);
    // Two, and those that it takes by itself.
    expect(looks).toBeLessThanOrEqual(4);
    console.log(`10,000 who ask at once: ${looks} looks in ${took.toFixed(1)} ms`);
  });

  it("refuse more revocations than may be in force, and forget those that are over first", async () => {
    const { nodes, ear } = open({ maxRevocations: 3 });
    await nodes.revoke(revocationOf("over", 0));
    for (const name of ["a", "b"]) await nodes.revoke(revocationOf(name));
    // It was over only just now: a node may not have heard of it.
    const isFull = expect.objectContaining({ code: "ERR_NOT_STORED" });
    await expect(nodes.revoke(revocationOf("c"))).rejects.toEqual(isFull);
    const [first] = await admin.zRange(key("untils"), 0, 0);
    await admin.zAdd(key("untils"), { value: first!, score: Date.now() - 61_000 });
    await nodes.revoke(revocationOf("c"));
    await expect(nodes.revoke(revocationOf("d"))).rejects.toEqual(isFull);
    expect(ear.principals).toEqual(["over", "a", "b", "c"]);
    const late = open({ prefix, maxRevocations: 3 });
    await late.nodes.sync();
    expect(late.ear.principals).toEqual(["a", "b", "c"]);
    expect(await admin.xLen(key("log"))).toBe(3);
  });

  it("forget what has been over for an hour, and keep what is in force", async () => {
    const { nodes } = open();
    for (let n = 0; n < 20; n++) await nodes.revoke(revocationOf(`over ${n}`, 1));
    await age(3_600_001);
    await nodes.revoke(revocationOf("day", 86_400_000));
    await nodes.revoke(revocationOf("new"));
    expect(await admin.xLen(key("log"))).toBe(2);
    expect(await admin.hLen(key("numbers"))).toBe(2);
  });

  it("say so when revocations were stored and forgotten of which a node did not hear", async () => {
    const a = open({ checkInterval: "1h" });
    const b = open({ prefix, checkInterval: "1h" });
    await a.nodes.revoke(revocationOf("heard"));
    await b.nodes.sync();
    // What is left when one was stored and removed.
    const removed = () =>
      admin.multi().hIncrBy(key("head"), "last", 1).hSet(key("head"), "tail", "gone").exec();
    await removed();
    await b.nodes.sync();
    expect([b.ear.misses, b.ear.principals]).toEqual([1, ["heard"]]);
    await removed();
    await a.nodes.revoke(revocationOf("after"));
    await b.nodes.sync();
    expect([b.ear.misses, b.ear.principals]).toEqual([2, ["heard", "after"]]);
    await b.nodes.sync();
    expect(b.ear.misses).toBe(2);
    // Who starts later has missed nothing.
    const late = open({ prefix });
    await late.nodes.sync();
    expect([late.ear.misses, late.ear.principals]).toEqual([0, ["heard", "after"]]);
  });

  it("write again what the server has lost", async () => {
    const a = open({ checkInterval: "1h" });
    await a.nodes.revoke(revocationOf("ann"));
    await a.nodes.revoke(revocationOf("over", 1));
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(a.ear.told[1]!.until));
    await admin.del(["head", "log", "untils", "numbers"].map(key));
    await a.nodes.sync();
    const late = open({ prefix });
    await late.nodes.sync();
    expect(late.ear.told).toEqual([a.ear.told[0]]);
    expect(a.ear.misses).toBe(0);
  });

  it("notice when a replica takes over that was behind, although it counts on with the same numbers", async () => {
    const a = open({ checkInterval: "1h" });
    const b = open({ prefix, checkInterval: "1h" });
    const names = ["head", "log", "untils", "numbers"];
    await a.nodes.revoke(revocationOf("both have it"));
    for (const name of names) await admin.copy(key(name), key(`replica:${name}`));
    await a.nodes.revoke(revocationOf("the replica lacks it"));
    for (const { nodes } of [a, b]) await nodes.sync();
    // In one step: the replica takes over, and is given one by somebody else.
    const after = admin.multi();
    for (const name of names) after.copy(key(`replica:${name}`), key(name), { REPLACE: true });
    const text = JSON.stringify({ selector: { principal: "same number" }, reason: "revoked" });
    const bounds = ["60000", "100", "3600000", "60000"];
    const args = ["nobody", "", "r1", text, "", "", ...bounds];
    await after.eval(REVOKE.source, { keys: names.map(key), arguments: args }).exec();
    for (const { nodes } of [b, a]) await nodes.sync();
    const c = open({ prefix });
    await c.nodes.sync();
    for (const { ear } of [a, b, c]) {
      const all = ["both have it", "the replica lacks it", "same number"];
      expect(new Set(ear.principals)).toEqual(new Set(all));
      expect([ear.told.length, ear.misses]).toEqual([3, 0]);
    }
  });

  it("store a revocation once, however often it is sent", async () => {
    const a = open({ checkInterval: "1h" });
    const revocation = revocationOf("ann", 0);
    await a.nodes.revoke(revocation);
    await a.nodes.revoke(revocation);
    expect(await admin.xLen(key("log"))).toBe(1);
    expect(a.ear.told).toHaveLength(1);
  });

  it("count what the others have, as they have told, and forget who is gone", async () => {
    const a = open({ countInterval: 200 });
    const b = open({ prefix, countInterval: 200 });
    const c = open({ prefix, countInterval: 200 });
    for (const [index, { ear }] of [a, b, c].entries()) {
      ear.held.set("x", index + 1);
      ear.held.set(`own ${index}`, 7);
    }
    await vi.waitFor(async () => {
      expect(await a.nodes.count("x")).toBe(5);
      expect(await b.nodes.count("x")).toBe(4);
      expect(await a.nodes.count("own 2")).toBe(7);
    });
    expect(await a.nodes.count("own 0")).toBe(0);
    expect(await a.nodes.count("nobody's")).toBe(0);
    c.ear.held.delete("own 2");
    c.ear.held.set("x", 10);
    await vi.waitFor(async () => {
      expect(await a.nodes.count("own 2")).toBe(0);
      expect(await a.nodes.count("x")).toBe(12);
    });
    await c.nodes.close();
    expect(await a.nodes.count("x")).toBe(2);
  });

  it("tell their counts anew when the server has forgotten them, many at a time", async () => {
    const a = open({ countInterval: 200 });
    const b = open({ prefix, countInterval: 200 });
    for (let n = 0; n < 2_500; n++) b.ear.held.set(`channel ${n}`, 1);
    const seen = () => vi.waitFor(async () => expect(await a.nodes.count("channel 2499")).toBe(1));
    await seen();
    const counts = await admin.keys(`${prefix}nodes:{counts}:of:*`);
    expect(counts).toHaveLength(2);
    await admin.del(counts);
    expect(await a.nodes.count("channel 2499")).toBe(0);
    await seen();
  });

  it("leave no key behind that does not end, but for the head", async () => {
    const { nodes, ear } = open();
    ear.held.set("x", 1);
    await nodes.revoke(revocationOf("ann"));
    await vi.waitFor(async () => expect(await admin.exists(`${prefix}nodes:{counts}:all`)).toBe(1));
    const keys = await admin.keys(`${prefix}*`);
    const lasting = [];
    for (const name of keys) if ((await admin.pTTL(name)) === -1) lasting.push(name);
    expect(keys.length).toBeGreaterThan(4);
    expect(lasting).toEqual([key("head")]);
  });

  describe("when the server is away", () => {
    it("can't tell, say so at once, and tell again when it is back", async () => {
      await using own = await startRedis();
      const a = open({ url: own.url, commandTimeout: 200 });
      await a.nodes.sync();
      await own.kill();
      await expect(a.nodes.sync()).rejects.toThrow("Redis");
      const begun = performance.now();
      await expect(a.nodes.sync()).rejects.toThrow("Redis");
      expect(performance.now() - begun).toBeLessThan(100);
      await own.restart();
      await vi.waitFor(() => a.nodes.sync(), { timeout: 10_000 });
      await a.nodes.revoke(revocationOf("ann"));
      expect(a.ear.principals).toEqual(["ann"]);
    });

    it("admit all the same, if they are told to", async () => {
      await using own = await startRedis();
      const a = open({ url: own.url, commandTimeout: 200, whenUnreachable: "admit" });
      await a.nodes.sync();
      await own.kill();
      await expect(a.nodes.sync()).resolves.toBeUndefined();
      expect(a.nodes.sync()).toBeUndefined();
    });

    it("don't store a revocation, and say whether that is certain", async () => {
      await using own = await startRedis();
      const a = open({ url: own.url, commandTimeout: 200 });
      await a.nodes.sync();
      own.process.kill("SIGSTOP");
      await expect(a.nodes.revoke(revocationOf("ann"))).rejects.toMatchObject({
        code: "ERR_OUTCOME_UNKNOWN",
      });
      own.process.kill("SIGCONT");
      await own.kill();
      await expect(
        vi.waitFor(() =>
          a.nodes.revoke(revocationOf("bob")).catch((error: { code: string }) => {
            if (error.code !== "ERR_NOT_STORED") throw error;
            return "certain";
          }),
        ),
      ).resolves.toBe("certain");
    });

    it("may start before it", async () => {
      await using own = await startRedis();
      await own.kill();
      const a = open({ url: own.url, commandTimeout: 200 });
      await expect(a.nodes.sync()).rejects.toThrow("Redis");
      await own.restart();
      await vi.waitFor(() => a.nodes.sync(), { timeout: 10_000 });
      // It listens, too: no look is needed.
      const b = open({ url: own.url, prefix });
      await vi.waitFor(async () => {
        await b.nodes.revoke(revocationOf("ann"));
        expect(a.ear.principals).toContain("ann");
      });
    });
  });

  it.each([
    ["nothing", undefined],
    ["several servers", { url: ["redis://localhost"] }],
    ["an address of something else", { url: "http://localhost" }],
    ["an option that is misspelled", { url: "redis://localhost", whenUnreachabel: "admit" }],
    ["an answer of its own", { url: "redis://localhost", whenUnreachable: "maybe" }],
    ["room for none", { url: "redis://localhost", maxRevocations: 0 }],
    ["a time of nothing", { url: "redis://localhost", checkInterval: 0 }],
    ["a prefix that is no text", { url: "redis://localhost", prefix: 7 }],
    ["an address without a host", { url: "redis://" }],
    ["a database that is no number", { url: "redis://localhost/main" }],
    [
      "what the client refuses",
      { url: "redis://localhost", client: { RESP: 2, emitInvalidate: true } },
    ],
  ])("refuse %s as options", (_, options) => {
    expect(() => new RedisNodes(options as never)).toThrow(
      expect.objectContaining({ code: "ERR_OPTION" }),
    );
  });

  it("are opened once", () => {
    const { nodes, ear } = open();
    expect(() => nodes.open(ear)).toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
  });
});
