import "reflect-metadata";
import {
  Channels,
  Connections,
  Controller,
  type Context,
  Ctx,
  HttpError,
  Sse,
  SseStream,
  UseGuards,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeNodes, FakeStore } from "../../core/test/fake-nodes.js";
import { keepLog, makeApp, serve } from "../test/app.js";
import { Gate, watchClosings } from "../test/watch.js";
import type { SluiceOptions } from "./index.js";

/** What a guard waits for before it answers, and what it does then. */
let guard: (ctx: Context) => void | Promise<void> = () => {};
let handled = 0;

beforeEach(() => {
  guard = () => {};
  handled = 0;
});

/** A token is a name and, behind a dot, when it was issued, in milliseconds. */
async function isSignedIn(ctx: Context): Promise<boolean> {
  const [user, issuedAt] = String(ctx.headers.authorization).split(".");
  if (user === "nobody") throw new HttpError(401);
  await guard(ctx);
  ctx.connection.tag("user", user!);
  if (issuedAt !== undefined) ctx.connection.issuedAt = new Date(Number(issuedAt));
  return true;
}

@Controller("revoked")
@UseGuards(isSignedIn)
class RevokedController {
  constructor(private readonly channels: Channels) {}

  @Sse("open")
  open() {
    handled++;
    const stream = new SseStream();
    stream.send("hello");
    return stream;
  }

  @Sse("slow")
  async slow(@Ctx() ctx: Context) {
    handled++;
    await handlerGate.opened;
    ctx.connection.tag("room", "a");
    return new SseStream();
  }

  @Sse("news")
  news() {
    return this.channels.get("news");
  }
}

let handlerGate = new Gate();

const as = (token: string) => ({ headers: { authorization: token } });
const principal: NonNullable<SluiceOptions["principal"]> = ({ headers }) =>
  headers.authorization?.split(".")[0];

async function revocable(options: Omit<SluiceOptions, "controllers"> = {}) {
  handlerGate = new Gate();
  const connections = new Connections();
  const app = await serve(RevokedController, {
    principal,
    providers: [{ provide: Connections, useValue: connections }],
    ...options,
  });
  return { app, connections };
}

/** The status and the code that a request is answered with. */
async function answerTo(client: { status: number; text(): Promise<string> }) {
  const { code } = JSON.parse(await client.text()) as { code?: string };
  return [client.status, code];
}

const REVOKED = [403, "ERR_REVOKED"];

describe("Q3: revoke, on one node", () => {
  it("ends the streams that are meant, and refuses those who come back before the handler", async () => {
    const closings = watchClosings();
    const { app, connections } = await revocable();
    const [ann, bob] = [
      await testSse(app, "/revoked/open", as("ann")),
      await testSse(app, "/revoked/open", as("bob")),
    ];
    expect(await connections.revoke({ principal: "ann" }, { retry: "7s" })).toEqual({ local: 1 });
    expect(await ann.ended).toBe(true);
    expect(ann.raw.endsWith("retry: 7000\n")).toBe(true);
    expect(closings).toEqual([{ route: "RevokedController.open", reason: "revoked" }]);
    await ann.reconnect();
    expect(await answerTo(ann)).toEqual(REVOKED);
    expect([handled, connections.count()]).toEqual([2, 1]);
    expect((await bob.reconnect()).status).toBe(200);
    expect((await testSse(app, "/revoked/open", as("nobody"))).status).toBe(401);
  });

  it("lets in who was permitted later, and not who says when before", async () => {
    const { app, connections } = await revocable();
    await connections.revoke({ tags: { user: "ann" } });
    const old = await testSse(app, "/revoked/open", as(`ann.${Date.now() - 1_000}`));
    expect(await answerTo(old)).toEqual(REVOKED);
    const renewed = await testSse(app, "/revoked/open", as(`ann.${Date.now() + 1}`));
    expect(renewed.status).toBe(200);
  });

  it("refuses who has no guard's leave to say when, if that is no time", async () => {
    const { app } = await revocable();
    expect((await testSse(app, "/revoked/open", as("ann.soon"))).status).toBe(500);
  });

  it("lets everyone in again when it is over", async () => {
    const { app, connections } = await revocable();
    await connections.revoke({ route: "RevokedController.open" }, { for: "1s" });
    expect((await testSse(app, "/revoked/open", as("ann"))).status).toBe(403);
    const isLetIn = async () => {
      const client = await testSse(app, "/revoked/open", as("ann"));
      expect(client.status).toBe(200);
    };
    await vi.waitFor(isLetIn, { timeout: 15_000 });
  });

  it("refuses a stream whose guards are at work, unless they say that it was permitted later", async () => {
    const gate = new Gate();
    guard = () => gate.opened;
    const { app, connections } = await revocable();
    const opening = ["ann", `ann.${Date.now() + 10_000}`, "bob"].map((token) =>
      testSse(app, "/revoked/open", as(token)),
    );
    await vi.waitFor(() => expect(connections.count()).toBe(3));
    expect(await connections.revoke({ tags: { user: "ann" } }, { for: 0 })).toEqual({ local: 0 });
    gate.open();
    const clients = await Promise.all(opening);
    expect(clients.map(({ status }) => status)).toEqual([403, 200, 200]);
  });

  it("refuses a stream by a tag that its handler has noted", async () => {
    const { app, connections } = await revocable();
    await connections.revoke({ tags: { room: "a" } });
    const opening = testSse(app, "/revoked/slow", as("ann"));
    await vi.waitFor(() => expect(handled).toBe(1));
    handlerGate.open();
    expect(await answerTo(await opening)).toEqual(REVOKED);
  });

  it("ends a stream whose head is held up by a hook", async () => {
    const app = makeApp();
    const gate = new Gate();
    let sending = 0;
    app.addHook("onSend", async () => {
      sending++;
      await gate.opened;
    });
    const connections = new Connections();
    const providers = [{ provide: Connections, useValue: connections }];
    await serve(RevokedController, { providers, principal }, app);
    const opening = testSse(app, "/revoked/open", as("ann"));
    await vi.waitFor(() => expect(sending).toBe(1));
    await connections.revoke({ principal: "ann" }, { for: 0 });
    gate.open();
    const client = await opening;
    expect(await client.ended).toBe(true);
    expect(connections.count()).toBe(0);
  });

  it("answers HEAD as it would answer GET", async () => {
    const { app, connections } = await revocable();
    await connections.revoke({ principal: "ann" });
    const answer = await app.inject({ method: "HEAD", url: "/revoked/open", ...as("ann") });
    expect(answer.statusCode).toBe(403);
  });
});

describe("Q3: revoke, on several nodes", () => {
  it("refuses on another node at once, and ends streams when it is told", async () => {
    const store = new FakeStore();
    const nodes = [new FakeNodes(store), new FakeNodes(store)] as const;
    const [a, b] = [await revocable({ nodes: nodes[0] }), await revocable({ nodes: nodes[1] })];
    const ann = await testSse(b.app, "/revoked/open", as("ann"));
    expect(await a.connections.revoke({ principal: "ann" })).toEqual({ local: 0 });
    const again = await testSse(b.app, "/revoked/open", as("ann"));
    expect(await answerTo(again)).toEqual(REVOKED);
    expect(await ann.ended).toBe(true);
    expect((await testSse(b.app, "/revoked/open", as("bob"))).status).toBe(200);
    expect(handled).toBe(2);
  });

  it("knows of what was stored while the guards were at work", async () => {
    const gate = new Gate();
    const store = new FakeStore();
    const nodes = new FakeNodes(store);
    const { app, connections } = await revocable({ nodes });
    guard = () => gate.opened;
    const opening = testSse(app, "/revoked/open", as("ann"));
    await vi.waitFor(() => expect(connections.count()).toBe(1));
    const other = new Connections();
    other.join(new FakeNodes(store));
    await other.revoke({ principal: "ann" });
    expect(nodes.syncs).toBe(0);
    gate.open();
    expect(await answerTo(await opening)).toEqual(REVOKED);
    expect([handled, nodes.syncs]).toEqual([0, 1]);
  });

  it("refuses with 503 and a time to come back while nobody can tell, and names the cause in the log", async () => {
    const { logger, entries } = keepLog();
    const nodes = new FakeNodes();
    nodes.failure = new Error("no store");
    const app = await serve(RevokedController, { principal, nodes }, makeApp({ logger }));
    const client = await testSse(app, "/revoked/open", as("ann"));
    expect(await answerTo(client)).toEqual([503, "ERR_NODES"]);
    expect(Number(client.headers["retry-after"])).toBeGreaterThanOrEqual(5);
    expect(handled).toBe(0);
    expect(JSON.stringify(entries)).toContain("no store");
    // The guards come first.
    expect((await testSse(app, "/revoked/open", as("nobody"))).status).toBe(401);
    nodes.failure = undefined;
    expect((await client.reconnect()).status).toBe(200);
  });

  it('with `refuseWith: "retry"` makes an EventSource come back by itself then', async () => {
    const nodes = new FakeNodes();
    nodes.failure = new Error("no store");
    const { app } = await revocable({ nodes, refuseWith: "retry" });
    const client = await testSse(app, "/revoked/open", as("ann"));
    expect([client.status, await client.ended]).toEqual([200, true]);
    expect(client.raw).toMatch(/^retry: [5-9]000\n$/);
  });

  it("asks for each stream and for no call, and closes the nodes with the application", async () => {
    const nodes = new FakeNodes();
    const { app } = await revocable({ nodes });
    await app.register(async (inner) => void inner.get("/plain", async () => "plain"));
    await testSse(app, "/revoked/open", as("ann"));
    await app.inject("/plain");
    expect([nodes.syncs, nodes.closes]).toEqual([1, 0]);
    await app.close();
    expect(nodes.closes).toBe(1);
  });

  it("counts the subscribers of a channel, and connections, on all of them", async () => {
    const store = new FakeStore();
    const both = [];
    for (const nodes of [new FakeNodes(store), new FakeNodes(store)]) {
      const [connections, channels] = [new Connections(), new Channels()];
      const providers = [
        { provide: Connections, useValue: connections },
        { provide: Channels, useValue: channels },
      ];
      const app = await serve(RevokedController, { nodes, providers });
      await testSse(app, "/revoked/news", as("ann"));
      await testSse(app, "/revoked/open", as("bob"));
      both.push({ connections, channels });
    }
    for (const { connections, channels } of both) {
      const news = channels.get("news");
      expect([await news.countEverywhere(), news.subscribers]).toEqual([2, 1]);
      expect([await connections.countEverywhere(), connections.count()]).toEqual([4, 2]);
      expect(await connections.countEverywhere("RevokedController.open")).toBe(2);
    }
    for (const { channels } of both) await channels.dispose();
  });

  it("refuses at the start what are no nodes", async () => {
    const wrong = serve(RevokedController, { nodes: {} as FakeNodes });
    await expect(wrong).rejects.toMatchObject({ code: "ERR_OPTION" });
  });
});
