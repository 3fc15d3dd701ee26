import "reflect-metadata";
import { setTimeout as delay } from "node:timers/promises";
import {
  Connections,
  Controller,
  type Context,
  HttpError,
  type LiveConnection,
  Post,
  Sse,
  SseStream,
  UseGuards,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { keepLog, makeApp, serve } from "../test/app.js";
import { Gate, watchClosings } from "../test/watch.js";
import { Lifetime } from "./lifetime.js";

afterEach(() => void vi.useRealTimers());

/** What the guard of the streams says, and does with their connections. */
let guard: (ctx: Context) => boolean | Promise<boolean> = () => true;

@Controller("lives")
class LivesController {
  constructor(readonly connections: Connections) {}

  @Sse("open")
  @UseGuards((ctx: Context) => guard(ctx))
  open() {
    const stream = new SseStream();
    stream.send("hello");
    return stream;
  }

  @Sse("checked", { recheck: 40 })
  @UseGuards((ctx: Context) => guard(ctx))
  checked() {
    const stream = new SseStream();
    stream.send("hello");
    return stream;
  }

  @Post("call")
  @UseGuards((ctx: Context) => guard(ctx))
  call() {
    return { live: this.connections.count() };
  }
}

async function lives(options: object = {}) {
  const connections = new Connections();
  const app = await serve(LivesController, {
    providers: [{ provide: Connections, useValue: connections }],
    ...options,
  });
  return { app, connections };
}

describe("Q3: maxDuration", () => {
  it("is shortened by up to a tenth, for each connection by itself", () => {
    vi.useFakeTimers();
    const ends: number[] = [];
    const start = Date.now();
    for (let n = 0; n < 500; n++) {
      new Lifetime(() => ends.push(Date.now() - start)).limit(10_000);
    }
    vi.advanceTimersByTime(10_000);
    expect(ends).toHaveLength(500);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(9_000);
    expect(Math.max(...ends) - Math.min(...ends)).toBeGreaterThan(500);
  });
});

describe("Q3: expiresAt", () => {
  it("ends the stream when the permission runs out, and the guard decides anew", async () => {
    const closings = watchClosings();
    let visits = 0;
    guard = (ctx) => {
      if (++visits > 1) throw new HttpError(401, "Sign in again.");
      ctx.connection.expiresAt = new Date(Date.now() + 50);
      return true;
    };
    const { app } = await lives();
    const client = await testSse(app, "/lives/open");
    await client.next();
    expect(await client.ended).toBe(true);
    expect(client.isComplete).toBe(false);
    expect(closings).toEqual([{ route: "LivesController.open", reason: "expired" }]);
    await client.reconnect();
    expect(client.status).toBe(401);
  });

  it("that has passed refuses the stream before its head", async () => {
    guard = (ctx) => {
      ctx.connection.expiresAt = new Date(Date.now() - 1);
      return true;
    };
    const { app } = await lives();
    const client = await testSse(app, "/lives/open");
    expect([client.status, JSON.parse(await client.text())]).toEqual([
      403,
      expect.objectContaining({ code: "ERR_REVOKED" }),
    ]);
  });

  it("can be moved and taken back, and may lie further away than a timer reaches", () => {
    vi.useFakeTimers();
    const end = vi.fn();
    const lifetime = new Lifetime(end);
    const year = 365 * 24 * 3_600_000;
    lifetime.expiresAt = new Date(Date.now() + 1_000);
    lifetime.expiresAt = new Date(Date.now() + year);
    vi.advanceTimersByTime(year - 1);
    expect(end).not.toHaveBeenCalled();
    lifetime.expiresAt = undefined;
    vi.advanceTimersByTime(year);
    expect(end).not.toHaveBeenCalled();
    lifetime.expiresAt = new Date(Date.now() + 1);
    vi.advanceTimersByTime(1);
    expect(end).toHaveBeenCalledExactlyOnceWith("expired");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that is no time refuses the stream: it does not last for ever", async () => {
    guard = (ctx) => {
      ctx.connection.expiresAt = new Date(Number.NaN);
      return true;
    };
    const { app, connections } = await lives();
    const client = await testSse(app, "/lives/open");
    expect(client.status).toBe(500);
    expect(connections.count()).toBe(0);
    expect(() => (new Lifetime(() => {}).expiresAt = new Date("soon"))).toThrow(
      expect.objectContaining({ code: "ERR_OPTION" }),
    );
  });

  it("says nothing of an ordinary call", async () => {
    guard = (ctx) => {
      ctx.connection.expiresAt = new Date(Date.now() + 1);
      ctx.connection.tag("kind", "call");
      return true;
    };
    const { app } = await lives();
    const { statusCode, body } = await app.inject({ method: "POST", url: "/lives/call" });
    expect([statusCode, body]).toEqual([200, '{"live":0}']);
  });
});

describe("Q3: recheck", () => {
  it("ends the stream when a guard says no later, and answers when the client comes back", async () => {
    const closings = watchClosings();
    let isAllowed = true;
    guard = () => isAllowed;
    const { app } = await lives();
    const client = await testSse(app, "/lives/checked");
    await client.next();
    isAllowed = false;
    expect(await client.ended).toBe(true);
    expect(closings).toEqual([{ route: "LivesController.checked", reason: "revoked" }]);
    await client.reconnect();
    expect(client.status).toBe(403);
  });

  it("goes on when a guard can't tell just now, and says so in the log", async () => {
    const { logger, entries } = keepLog();
    let visits = 0;
    guard = () => {
      if (++visits === 2) throw new Error("the database is away");
      return true;
    };
    const app = await serve(LivesController, {}, makeApp({ logger }));
    const client = await testSse(app, "/lives/checked");
    await client.next();
    await vi.waitFor(() => expect(visits).toBeGreaterThan(3));
    expect(entries.filter(({ err }) => err?.message === "the database is away")).toHaveLength(1);
    await client.disconnect();
  });

  it("asks one at a time, and no more once the stream is closed", async () => {
    let asked = 0;
    const gate = new Gate();
    guard = async () => {
      if (++asked > 1) await gate.opened;
      return true;
    };
    const { app, connections } = await lives();
    const client = await testSse(app, "/lives/checked");
    await vi.waitFor(() => expect(asked).toBe(2));
    await delay(100);
    expect(asked).toBe(2);
    await client.disconnect();
    await vi.waitFor(() => expect(connections.count()).toBe(0));
    gate.open();
    await delay(100);
    expect(asked).toBe(2);
  });
});

describe("Connections", () => {
  it("lists who listens, with what guards have noted", async () => {
    guard = (ctx) => {
      ctx.connection.tag("tenant", String(ctx.headers["x-tenant"]));
      return true;
    };
    const { app, connections } = await lives({
      principal: (request: { headers: Record<string, unknown> }) => request.headers["x-user"],
    });
    await testSse(app, "/lives/open", { headers: { "x-tenant": "a", "x-user": "ann" } });
    await testSse(app, "/lives/checked", { headers: { "x-tenant": "b" } });
    const seen = connections.list().map((connection: LiveConnection) => ({
      ...connection,
      route: connection.route.name,
      ip: connection.ip,
      principal: connection.principal,
      tags: Object.fromEntries(connection.tags),
      age: Date.now() - connection.since.getTime() < 10_000,
    }));
    expect(seen).toMatchObject([
      { route: "LivesController.open", principal: "ann", tags: { tenant: "a" }, age: true },
      { route: "LivesController.checked", principal: undefined, tags: { tenant: "b" }, age: true },
    ]);
    expect(connections.count(({ tags }) => tags.get("tenant") === "a")).toBe(1);
    expect(new Set(connections.list().map(({ id }) => id)).size).toBe(2);
  });

  it("closes those that match, with a reason and a time to come back, and a revoked client is refused", async () => {
    const closings = watchClosings();
    const revoked = new Set<string>();
    guard = (ctx) => {
      const user = String(ctx.headers["x-user"]);
      ctx.connection.tag("user", user);
      return !revoked.has(user);
    };
    const { app, connections } = await lives();
    const [ann, bob] = await Promise.all(
      ["ann", "bob"].map((user) => testSse(app, "/lives/open", { headers: { "x-user": user } })),
    );
    revoked.add("ann");
    const isAnn = ({ tags }: LiveConnection): boolean => tags.get("user") === "ann";
    expect(connections.close(isAnn, { retry: "7s" })).toBe(1);
    expect(connections.close(isAnn)).toBe(0);
    expect(await ann!.ended).toBe(true);
    expect(ann!.raw.endsWith("retry: 7000\n")).toBe(true);
    expect(closings).toEqual([{ route: "LivesController.open", reason: "revoked" }]);
    await ann!.reconnect();
    expect(ann!.status).toBe(403);
    expect(connections.count()).toBe(1);
    expect((await bob!.next()).data).toBe("hello");
  });

  it("refuses a stream that is revoked while its guards are at work", async () => {
    const gate = new Gate();
    guard = async () => {
      await gate.opened;
      return true;
    };
    const { app, connections } = await lives();
    const opening = testSse(app, "/lives/open");
    await vi.waitFor(() => expect(connections.count()).toBe(1));
    connections.close(() => true);
    gate.open();
    const client = await opening;
    expect(client.status).toBe(403);
    expect(JSON.parse(await client.text())).toMatchObject({ code: "ERR_REVOKED" });
  });

  it("refuses a stream that will match only when its guards are done", async () => {
    const gate = new Gate();
    guard = async (ctx) => {
      await gate.opened;
      ctx.connection.tag("user", String(ctx.headers["x-user"]));
      return true;
    };
    const { app, connections } = await lives();
    const opening = ["ann", "bob"].map((user) =>
      testSse(app, "/lives/open", { headers: { "x-user": user } }),
    );
    await vi.waitFor(() => expect(connections.count()).toBe(2));
    expect(connections.close(({ tags }) => tags.get("user") === "ann")).toBe(0);
    gate.open();
    const [ann, bob] = await Promise.all(opening);
    expect([ann!.status, bob!.status]).toEqual([403, 200]);
    expect(connections.count()).toBe(1);
  });

  it("closes nothing when the time to come back is none", async () => {
    guard = () => true;
    const { app, connections } = await lives();
    await testSse(app, "/lives/open");
    expect(() => connections.close(() => true, { retry: "soon" as never })).toThrow(
      expect.objectContaining({ code: "ERR_DURATION" }),
    );
    expect(connections.count()).toBe(1);
  });
});
