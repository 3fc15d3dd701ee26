import { createClient } from "@redis/client";
import { Connections } from "@sluice/core";
import { type SseTestClient, testSse } from "@sluice/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { noRedis } from "../../test/no-redis.js";
import { type RedisServer, startRedis } from "../../test/redis-server.js";
import { streamingApp } from "../../test/streaming-app.js";
import { startNode } from "../../test/streaming-node.js";
import { RedisNodes, type RedisNodesOptions } from "../index.js";

let rounds = 0;

/** How long each took, in milliseconds. */
function summary(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  return `median ${median.toFixed(1)} ms, longest ${sorted.at(-1)!.toFixed(1)} ms of ${sorted.length}`;
}

const as = (token: string) => ({ headers: { authorization: token } });

/** The status and the code that a request is answered with. */
async function answerTo(client: SseTestClient) {
  const { code } = JSON.parse(await client.text()) as { code?: string };
  return [client.status, code];
}

const REVOKED = [403, "ERR_REVOKED"];

describe.skipIf(noRedis)("security 15: revoked on one node", () => {
  let server: RedisServer;
  let admin: ReturnType<typeof createClient>;
  let prefix = "";
  beforeAll(async () => {
    server = await startRedis();
    admin = createClient({ url: server.url });
    admin.on("error", () => {});
    await admin.connect();
    // One who is told nothing, and has to ask.
    const rules = ["reset", "on", ">deaf", "~*", "+@all", "-@pubsub", "&*"];
    await admin.sendCommand(["ACL", "SETUSER", "deaf", ...rules]);
  });
  beforeEach(() => void (prefix = `${rounds++}:`));
  afterAll(async () => {
    admin?.destroy();
    await server?.[Symbol.asyncDispose]();
  });

  /** A node in this process. */
  async function node(options: Partial<RedisNodesOptions> = {}) {
    const made = await streamingApp(new RedisNodes({ url: server.url, prefix, ...options }));
    onTestFinished(() => made[Symbol.asyncDispose]());
    return made;
  }

  /** How long after the call the streams of the other node have ended, time after time. */
  async function timeEnds(options: Partial<RedisNodesOptions>, times: number, before = () => {}) {
    const [a, b] = [await node(), await node(options)];
    const took: number[] = [];
    for (let n = 0; n < times; n++) {
      const client = await testSse(b.app, "/open", as(`user ${n}`));
      before();
      const begun = performance.now();
      expect(await a.connections.revoke({ tags: { user: `user ${n}` } })).toEqual({ local: 0 });
      expect(await client.ended).toBe(true);
      took.push(performance.now() - begun);
    }
    return took;
  }

  it("a stream ends on the other within a second", async () => {
    const took = await timeEnds({}, 50);
    console.log(`a revocation ends streams of another node: ${summary(took)}`);
    expect(Math.max(...took)).toBeLessThan(1_000);
  });

  it("a stream ends on the other within a second, although the other's subscription is cut at that moment", async () => {
    const took = await timeEnds(
      {},
      10,
      () => void admin.sendCommand("CLIENT KILL TYPE pubsub".split(" ")),
    );
    console.log(`... with its subscription cut: ${summary(took)}`);
    expect(Math.max(...took)).toBeLessThan(1_000);
  });

  it("a stream ends on the other within a second, although the other hears nothing at all", async () => {
    const url = server.url.replace("redis://", "redis://deaf:deaf@");
    const took = await timeEnds({ url }, 10);
    console.log(`... with no subscription: ${summary(took)}`);
    expect(Math.max(...took)).toBeLessThan(1_000);
  });

  it("nobody outruns it to the other, however many try, and those who are not meant come in", async () => {
    const url = server.url.replace("redis://", "redis://deaf:deaf@");
    const [a, b] = [await node(), await node({ url, checkInterval: "1h" })];
    for (let n = 0; n < 20; n++) {
      await a.connections.revoke({ tags: { user: `user ${n}` } });
      const clients = await Promise.all(
        [...Array<string>(5).fill(`user ${n}`), "bob"].map((user) =>
          testSse(b.app, "/open", as(user)),
        ),
      );
      expect(clients.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 200]);
      await Promise.all(clients.map((client) => client.disconnect()));
    }
  });

  it("the client that comes back to the other at once is refused, although all connections are cut at that moment", async () => {
    const [a, b] = [await node(), await node()];
    for (let n = 0; n < 10; n++) {
      const user = `user ${n}`;
      const client = await testSse(a.app, "/open", as(user));
      await a.connections.revoke({ tags: { user } });
      const cut = ["normal", "pubsub"].map((type) =>
        admin.sendCommand(["CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"]),
      );
      expect(await client.ended).toBe(true);
      expect(await answerTo(await testSse(b.app, "/open", as(user)))).toEqual(REVOKED);
      await Promise.all(cut);
    }
  });

  it("a new token is let in on all of them, and an old one on none", async () => {
    const all = [await node(), await node()];
    const old = `ann.${Date.now()}`;
    await all[0]!.connections.revoke({ tags: { user: "ann" } });
    const log = await admin.xRange(`${prefix}nodes:{revocations}:log`, "-", "+");
    const at = Number(log![0]!.message["at"]);
    for (const { app } of all) {
      expect(await answerTo(await testSse(app, "/open", as(old)))).toEqual(REVOKED);
      expect(await answerTo(await testSse(app, "/open", as(`ann.${at}`)))).toEqual(REVOKED);
      expect((await testSse(app, "/open", as(`ann.${at + 1}`))).status).toBe(200);
      expect(await answerTo(await testSse(app, "/open", as("ann")))).toEqual(REVOKED);
    }
  });

  it("a node that starts later refuses too, from its first request on", async () => {
    const a = await node();
    await a.connections.revoke({ tags: { user: "ann" } });
    const late = await node({ checkInterval: "1h" });
    expect(await answerTo(await testSse(late.app, "/open", as("ann")))).toEqual(REVOKED);
    expect((await testSse(late.app, "/open", as("bob"))).status).toBe(200);
  });

  it("`for: 0` ends what is open on the other, and refuses nobody who comes back, late or not", async () => {
    const [a, b] = [await node(), await node()];
    const client = await testSse(b.app, "/open", as("ann"));
    await a.connections.revoke({ tags: { user: "ann" } }, { for: 0, retry: 1_234 });
    expect(await client.ended).toBe(true);
    expect(client.raw.endsWith("retry: 1234\n")).toBe(true);
    expect((await client.reconnect()).status).toBe(200);
    const late = await node();
    expect((await testSse(late.app, "/open", as("ann"))).status).toBe(200);
  });

  it("a process without streams can revoke", async () => {
    const b = await node();
    const client = await testSse(b.app, "/open", as("ann"));
    const worker = new Connections();
    const leave = worker.join(new RedisNodes({ url: server.url, prefix }));
    await worker.revoke({ tags: { user: "ann" } });
    await leave();
    expect(await client.ended).toBe(true);
    expect(await answerTo(await client.reconnect())).toEqual(REVOKED);
  });

  it("a process that was stopped meanwhile refuses who waited for it, and ends what it had", async () => {
    const a = await node();
    await using b = await startNode({ url: server.url, prefix });
    const open = async (user: string): Promise<Response> => fetch(`${b.origin}/open`, as(user));
    const ann = await open("ann");
    expect(ann.status).toBe(200);
    b.process.kill("SIGSTOP");
    const waiting = Array.from({ length: 5 }, () => open("ann"));
    await a.connections.revoke({ tags: { user: "ann" } });
    const later = Array.from({ length: 5 }, () => open("ann"));
    b.process.kill("SIGCONT");
    const begun = performance.now();
    for (const answer of [...waiting, ...later]) expect((await answer).status).toBe(403);
    await ann.text();
    const took = performance.now() - begun;
    console.log(`a process that was stopped has ended its streams after ${took.toFixed(1)} ms`);
    expect(took).toBeLessThan(1_000);
    const bob = await open("bob");
    expect(bob.status).toBe(200);
    await bob.body!.cancel();
  });

  it("while Redis is away nobody is let in, and revoking says that it reaches this process only", async () => {
    await using own = await startRedis();
    const options = { url: own.url, commandTimeout: 200 };
    const [a, b] = [await node(options), await node(options)];
    const clients = [
      await testSse(a.app, "/open", as("ann")),
      await testSse(b.app, "/open", as("ann")),
    ];
    await own.kill();
    const bob = await testSse(b.app, "/open", as("bob"));
    expect(await answerTo(bob)).toEqual([503, "ERR_NODES"]);
    expect(Number(bob.headers["retry-after"])).toBeGreaterThanOrEqual(5);
    await expect(a.connections.revoke({ tags: { user: "ann" } })).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_(NOT_STORED|OUTCOME_UNKNOWN)$/) as string,
    });
    expect(await clients[0]!.ended).toBe(true);
    // Those of the other go on: it can't have heard.
    expect(b.connections.count()).toBe(1);
    await own.restart();
    await vi.waitFor(async () => expect((await bob.reconnect()).status).toBe(200), {
      timeout: 10_000,
    });
    await a.connections.revoke({ tags: { user: "ann" } });
    expect(await clients[1]!.ended).toBe(true);
  });

  it('while Redis is away `whenUnreachable: "admit"` lets in whom no revocation meets that is known', async () => {
    await using own = await startRedis();
    const options = { url: own.url, commandTimeout: 200, whenUnreachable: "admit" } as const;
    const a = await node(options);
    await a.connections.revoke({ tags: { user: "ann" } });
    await own.kill();
    expect((await testSse(a.app, "/open", as("bob"))).status).toBe(200);
    expect(await answerTo(await testSse(a.app, "/open", as("ann")))).toEqual(REVOKED);
  });

  it("a Redis that comes back empty is told again by those who remember", async () => {
    await using own = await startRedis();
    const options = { url: own.url, commandTimeout: 500 };
    const a = await node(options);
    await a.connections.revoke({ tags: { user: "ann" } });
    await own.kill();
    await own.restart();
    await vi.waitFor(
      async () => expect((await testSse(a.app, "/open", as("bob"))).status).toBe(200),
      { timeout: 10_000 },
    );
    const late = await node(options);
    expect(await answerTo(await testSse(late.app, "/open", as("ann")))).toEqual(REVOKED);
    expect(a.connections.count()).toBeGreaterThan(0);
  });
});

describe.skipIf(noRedis)("counts over several nodes", () => {
  it("are about those of all, and a process that is killed does not count for long", async () => {
    await using server = await startRedis();
    const options = { url: server.url, countInterval: 300 };
    await using a = await streamingApp(new RedisNodes(options));
    await using b = await startNode(options);
    const clients = [
      await testSse(a.app, "/news", as("ann")),
      await fetch(`${b.origin}/news`, as("bob")),
      await fetch(`${b.origin}/news`, as("cem")),
      await fetch(`${b.origin}/open`, as("dan")),
    ];
    const counts = async () => [
      await a.channels.get("news").countEverywhere(),
      await a.connections.countEverywhere(),
      await a.connections.countEverywhere("StreamingController.open"),
    ];
    await vi.waitFor(async () => expect(await counts()).toEqual([3, 4, 1]), { timeout: 5_000 });
    expect(a.channels.get("news").subscribers).toBe(1);
    b.process.kill("SIGKILL");
    const begun = performance.now();
    await vi.waitFor(async () => expect(await counts()).toEqual([1, 1, 0]), { timeout: 5_000 });
    const took = performance.now() - begun;
    console.log(
      `the counts of a process that was killed: gone after ${took.toFixed(0)} ms (lease 900)`,
    );
    expect(took).toBeLessThan(1_500);
    for (const client of clients) {
      if (client instanceof Response) await client.body!.cancel().catch(() => {});
    }
  });
});
