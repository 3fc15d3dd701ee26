import "reflect-metadata";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  allow,
  Connections,
  Controller,
  type Context,
  Get,
  HttpError,
  Post,
  Sse,
  SseStream,
  UseGuards,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { FakeNodes, FakeStore } from "../../packages/core/test/fake-nodes.js";
import { keepLog, makeApp, serve } from "../../packages/fastify/test/app.js";
import { exchange, get } from "../../packages/fastify/test/raw-connection.js";
import { watchClosings } from "../../packages/fastify/test/watch.js";

/** Tokens that are good, and until when. */
let tokens = new Map<string, Date | undefined>();

function hasToken(ctx: Context): boolean {
  const token = String(ctx.headers.authorization ?? ctx.query["token"]);
  if (!tokens.has(token)) throw new HttpError(401, "Sign in.");
  ctx.connection.expiresAt = tokens.get(token);
  ctx.connection.tag("token", token);
  return true;
}

@Controller("guarded")
@UseGuards(hasToken)
class GuardedController {
  @Sse("open")
  open() {
    const stream = new SseStream();
    stream.send("open");
    return stream;
  }

  @Sse("checked", { recheck: 30 })
  checked() {
    return this.open();
  }

  @Sse("broken")
  broken(): SseStream {
    throw new Error("A fault.");
  }

  @Get("call")
  call() {
    return {};
  }
}

const as = (token: string) => ({ headers: { authorization: token } });

async function guarded(options: object = {}, server: object = {}) {
  tokens = new Map([["good", undefined]]);
  const connections = new Connections();
  const providers = [{ provide: Connections, useValue: connections }];
  const app = await serve(GuardedController, { providers, ...options }, makeApp(server));
  return { app, connections, closings: watchClosings() };
}

describe("security 15: who may no longer listen no longer does", () => {
  it("when the permission expires: the stream ends, and the guard refuses the next", async () => {
    const { app, closings } = await guarded();
    tokens.set("short", new Date(Date.now() + 100));
    await using client = await testSse(app, "/guarded/open", as("short"));
    await client.next();
    tokens.delete("short");
    expect(await client.ended).toBe(true);
    expect(closings.map(({ reason }) => reason)).toEqual(["expired"]);
    expect((await client.reconnect()).status).toBe(401);
  });

  it("when the permission says until when in no way that can be read: it is refused", async () => {
    const { app, connections } = await guarded();
    tokens.set("endless", new Date(Number.NaN));
    await using client = await testSse(app, "/guarded/open", as("endless"));
    expect([client.status, connections.count()]).toEqual([500, 0]);
  });

  it("when a guard is asked again and says no", async () => {
    const { app, closings } = await guarded();
    await using client = await testSse(app, "/guarded/checked", as("good"));
    await client.next();
    tokens.delete("good");
    expect(await client.ended).toBe(true);
    expect(closings.map(({ reason }) => reason)).toEqual(["revoked"]);
    expect((await client.reconnect()).status).toBe(401);
  });

  it("when it is told so: all connections of one token, and no other", async () => {
    const { app, connections, closings } = await guarded();
    tokens.set("stolen", undefined);
    const thieves = await Promise.all(
      Array.from({ length: 5 }, () => testSse(app, "/guarded/open", as("stolen"))),
    );
    await using owner = await testSse(app, "/guarded/open", as("good"));
    tokens.delete("stolen");
    expect(connections.close(({ tags }) => tags.get("token") === "stolen")).toBe(5);
    for (const thief of thieves) {
      expect(await thief.ended).toBe(true);
      expect((await thief.reconnect()).status).toBe(401);
    }
    expect(connections.count()).toBe(1);
    expect((await owner.next()).data).toBe("open");
    expect(closings.map(({ reason }) => reason)).toEqual(Array(5).fill("revoked"));
  });

  it("when another node is told so, although the guards here still say yes", async () => {
    const store = new FakeStore();
    const nodes = [new FakeNodes(store), new FakeNodes(store)] as const;
    const [here, there] = [await guarded({ nodes: nodes[0] }), await guarded({ nodes: nodes[1] })];
    tokens.set("stolen", undefined);
    await using thief = await testSse(here.app, "/guarded/open", as("stolen"));
    await using owner = await testSse(here.app, "/guarded/open", as("good"));
    await thief.next();
    await there.connections.revoke({ tags: { token: "stolen" } });
    // It has not heard of it when the next one comes.
    await using again = await testSse(here.app, "/guarded/open", as("stolen"));
    expect([again.status, await thief.ended]).toEqual([403, true]);
    expect((await thief.reconnect()).status).toBe(403);
    expect((await owner.next()).data).toBe("open");
  });
});

@Controller("site")
class SiteController {
  static calls = 0;

  @Sse("stream")
  @UseGuards(allow({ origins: ["https://app.example"], hosts: ["app.example"] }))
  stream() {
    return new SseStream();
  }

  @Post("call")
  @UseGuards(allow({ origins: ["https://app.example"] }))
  call() {
    return { calls: ++SiteController.calls };
  }

  @Sse("unguarded")
  *unguarded() {
    yield 1;
  }
}

/** The status that a client is answered on a socket, whatever headers it has. */
async function statusOf(request: string): Promise<number> {
  const app = await serve(SiteController);
  const client = await exchange(app, request);
  await client.until(({ head }) => head !== "");
  client.socket.destroy();
  return Number(client.head.slice(9, 12));
}

const askStream = (headers: Record<string, string>): Promise<number> =>
  statusOf(
    get("/site/stream", headers).replace(
      "Host: localhost",
      `Host: ${headers["Host"] ?? "app.example"}`,
    ),
  );

describe("security 16: pages of other sites get no stream and make no call where `allow` stands", () => {
  it("an EventSource of another origin, which brings the user's cookies along", async () => {
    const cookies = { Cookie: "sid=ann" };
    expect(await askStream({ ...cookies, Origin: "https://app.example" })).toBe(200);
    expect(await askStream({ ...cookies, Origin: "https://evil.example" })).toBe(403);
    expect(await askStream({ ...cookies, Origin: "null" })).toBe(403);
    expect(await askStream({ ...cookies, "Sec-Fetch-Site": "cross-site" })).toBe(403);
    expect(
      await askStream({ ...cookies, Origin: "https://app.example\nOrigin: https://evil.example" }),
    ).toBe(403);
  });

  it("a page whose name has been pointed at this server", async () => {
    const app = await serve(SiteController);
    for (const [host, status] of [
      ["app.example", 200],
      ["evil.example", 403],
      ["app.example.evil.example", 403],
      ["app.example:3000", 403],
      ["", 403],
    ] as const) {
      const client = await exchange(
        app,
        `GET /site/stream HTTP/1.1\nHost: ${host}\nSec-Fetch-Site: same-origin\n\n`,
      );
      await client.until(({ head }) => head !== "");
      expect([host, client.head.slice(9, 12)]).toEqual([host, String(status)]);
    }
  });

  it("a form of another site, whose text needs no permission of CORS", async () => {
    const form = (origin: string): string =>
      `POST /site/call HTTP/1.1\nHost: app.example\nOrigin: ${origin}\nCookie: sid=ann\nContent-Type: text/plain\nContent-Length: 2\n\n{}`;
    const before = SiteController.calls;
    expect(await statusOf(form("https://evil.example"))).toBe(403);
    expect(SiteController.calls).toBe(before);
    expect(await statusOf(form("https://app.example"))).toBe(200);
  });

  it("and Sluice itself allows no origin anything", async () => {
    await using client = await testSse(await serve(SiteController), "/site/unguarded", {
      headers: { origin: "https://evil.example" },
    });
    expect(Object.keys(client.headers).filter((name) => name.startsWith("access-"))).toEqual([]);
  });
});

describe("security 17: a token in the query string is in no line of the log, and in no diagnostics", () => {
  it.each([
    ["a stream", "/guarded/open?token=good", "closed"],
    ["a refusal", "/guarded/open?token=s3cret-but-bad", 401],
    ["a fault", "/guarded/broken?token=good", 500],
    ["a call", "/guarded/call?token=good", 200],
    ["a wrong Accept", "/guarded/open?token=good", 406],
    ["a name that is encoded", "/guarded/open?%74OKEN=x&token=good", "closed"],
    ["a query behind a number sign", "/guarded/call#token=good", 200],
  ])("of %s", async (_, path, outcome) => {
    const told: unknown[] = [];
    const channels = ["opened", "sent", "closed", "refused"].map(
      (name) => `sluice:connection:${name}`,
    );
    const listener = (message: unknown): void => void told.push(message);
    for (const channel of channels) subscribe(channel, listener);
    onTestFinished(() => channels.forEach((channel) => void unsubscribe(channel, listener)));

    const { logger, entries } = keepLog();
    const { app } = await guarded({}, { logger });
    tokens.set("s3cret", undefined);
    const url = path.replace("token=good", "token=s3cret");
    const headers: Record<string, string> = outcome === 406 ? { Accept: "text/html" } : {};
    const client = await exchange(app, get(url, { ...headers, Connection: "close" }));
    await client.until(({ head }) => head !== "");
    if (outcome !== "closed") expect(client.head).toContain(` ${outcome} `);
    client.socket.destroy();
    const last = outcome === "closed" ? "event stream closed" : "request completed";
    await vi.waitFor(() => expect(entries.map(({ msg }) => msg)).toContain(last));
    expect(JSON.stringify([entries, told])).not.toContain("s3cret");
    expect(JSON.stringify(entries)).toContain("=[redacted]");
  });

  it("and none is needed there: a header, which fetch can send, does as well", async () => {
    const { app } = await guarded();
    await using client = await testSse(app, "/guarded/open", as("good"));
    expect((await client.next()).data).toBe("open");
  });
});
