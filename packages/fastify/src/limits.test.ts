import "reflect-metadata";
import { connect } from "node:net";
import { Controller, Post, Sse, SseStream, UseGuards, type Context } from "@sluice/core";
import { testSse } from "@sluice/testing";
import rateLimit from "@fastify/rate-limit";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { makeApp, portOf, serve } from "../test/app.js";
import { exchange, get } from "../test/raw-connection.js";
import type { SluiceOptions } from "./index.js";

const hasToken = (ctx: Context): boolean => ctx.headers["x-user"] !== undefined;

@Controller("limited")
class LimitedController {
  static opened = 0;

  @Sse("open")
  open() {
    LimitedController.opened++;
    return new SseStream();
  }

  @Sse("narrow", { maxConnections: 1 })
  narrow() {
    return new SseStream();
  }

  @Sse("guarded")
  @UseGuards(hasToken)
  guarded() {
    return new SseStream();
  }

  @Post("call")
  call() {
    return { called: true };
  }
}

async function limited(options: Omit<SluiceOptions, "controllers">, server: object = {}) {
  return serve(LimitedController, options, makeApp(server));
}

describe("Q2: limits", () => {
  it("refuse the one connection too many of an address, before the handler, with a body in JSON", async () => {
    const app = await limited({ limits: { perIp: 2 } });
    await testSse(app, "/limited/open");
    await testSse(app, "/limited/narrow");
    const before = LimitedController.opened;
    const refused = await testSse(app, "/limited/open");
    expect(refused.status).toBe(429);
    expect(JSON.parse(await refused.text())).toEqual({
      statusCode: 429,
      code: "ERR_LIMIT",
      error: "Too Many Requests",
      message: "Too many connections from here.",
    });
    const retryAfter = Number(refused.headers["retry-after"]);
    expect(retryAfter).toBeGreaterThanOrEqual(5);
    expect(retryAfter).toBeLessThan(10);
    expect(LimitedController.opened).toBe(before);
  });

  it("count a connection until it is closed, however it closes", async () => {
    const app = await limited({
      limits: { perIp: 1, total: 1, perPrincipal: 1 },
      principal: () => "me",
    });
    for (let n = 0; n < 3; n++) {
      const client = await testSse(app, "/limited/open");
      expect(client.status).toBe(200);
      await client.disconnect();
      await vi.waitFor(async () => {
        const next = await testSse(app, "/limited/open");
        const { status } = next;
        await next.disconnect();
        expect(status).toBe(200);
      });
    }
    // A request that is refused, or denied, holds no place.
    await using first = await testSse(app, "/limited/open");
    expect(first.status).toBe(200);
    for (let n = 0; n < 3; n++) expect((await testSse(app, "/limited/open")).status).toBe(503);
  });

  it("hold for each address by itself, as Fastify's trustProxy tells it", async () => {
    const app = await limited({ limits: { perIp: 1 } }, { trustProxy: true });
    const from = (ip: string) =>
      testSse(app, "/limited/open", { headers: { "x-forwarded-for": ip } });
    expect((await from("203.0.113.1")).status).toBe(200);
    expect((await from("203.0.113.1")).status).toBe(429);
    expect((await from("203.0.113.2")).status).toBe(200);
    expect((await from("2001:db8::1")).status).toBe(200);
    expect((await from("2001:db8::2")).status).toBe(429);
  });

  it("hold for a route, and in all, with a 503", async () => {
    const app = await limited({ limits: { total: 2 } });
    expect((await testSse(app, "/limited/narrow")).status).toBe(200);
    expect((await testSse(app, "/limited/narrow")).status).toBe(503);
    expect((await testSse(app, "/limited/open")).status).toBe(200);
    expect((await testSse(app, "/limited/open")).status).toBe(503);
    // Ordinary calls are no connections.
    expect((await app.inject({ method: "POST", url: "/limited/call" })).json()).toEqual({
      called: true,
    });
  });

  it("hold for a principal, whom nobody is asked for before the guards have let it in", async () => {
    const principal = vi.fn((request: { headers: Record<string, unknown> }) =>
      Promise.resolve(request.headers["x-user"] as string | undefined),
    );
    const app = await limited({ limits: { perPrincipal: 1 }, principal });
    const as = (user: string) => testSse(app, "/limited/guarded", { headers: { "x-user": user } });
    expect((await testSse(app, "/limited/guarded")).status).toBe(403);
    expect(principal).not.toHaveBeenCalled();
    expect((await as("ann")).status).toBe(200);
    expect((await as("ann")).status).toBe(429);
    expect((await as("bob")).status).toBe(200);
    // Who is nobody in particular is not counted together with others who are.
    expect((await testSse(app, "/limited/open")).status).toBe(200);
    expect((await testSse(app, "/limited/open")).status).toBe(200);
  });

  it('with `refuseWith: "retry"` tell a native EventSource to come back', async () => {
    const app = await limited({ limits: { total: 1 }, refuseWith: "retry" });
    await testSse(app, "/limited/open");
    const refused = await testSse(app, "/limited/open");
    expect(refused.status).toBe(200);
    expect(refused.headers["content-type"]).toBe("text/event-stream");
    expect(await refused.text()).toMatch(/^retry: [5-9]000\n$/);
  });

  it("work beside @fastify/rate-limit", async () => {
    const app = makeApp();
    await app.register(rateLimit, { max: 2 });
    await serve(LimitedController, { limits: { perIp: 1 } }, app);
    expect((await testSse(app, "/limited/open")).status).toBe(200);
    const second = await testSse(app, "/limited/open");
    expect([second.status, JSON.parse(await second.text())]).toEqual([
      429,
      expect.objectContaining({ code: "ERR_LIMIT" }),
    ]);
    const third = await testSse(app, "/limited/open");
    expect(third.status).toBe(429);
    expect(await third.text()).toContain("Rate limit exceeded");
  });

  it("are not held by a flood of clients that leave before their guards have decided", async () => {
    const app = makeApp();
    let asked = 0;
    @Controller("slow")
    class SlowController {
      @Sse()
      @UseGuards(() => {
        asked++;
        return new Promise<boolean>(() => {});
      })
      slow() {
        return new SseStream();
      }
    }
    await serve(SlowController, { limits: { total: 50 } }, app);
    const port = await portOf(app);
    const sockets = Array.from({ length: 50 }, () => connect(port, "127.0.0.1"));
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.write("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    await vi.waitFor(() => expect(asked).toBe(50));
    const refused = await exchange(app, get("/slow"));
    await refused.until(({ head }) => head.includes(" 503 "));
    for (const socket of sockets) socket.resetAndDestroy();
    await vi.waitFor(async () => {
      await exchange(app, get("/slow"));
      expect(asked).toBeGreaterThan(50);
    });
  });

  it("are refused at the start where they are wrong", async () => {
    const wrong: [object, string][] = [
      [{ limits: { perIp: 0 } }, "limits.perIp"],
      [{ limits: { perUser: 1 } }, "limits.perUser"],
      [{ limits: 5 }, "limits"],
      [{ principal: "me" }, "principal"],
      [{ limits: { perPrincipal: 1 } }, "limits.perPrincipal of sluice counts by"],
      [{ runs: { maxPerPrincipal: 1 } }, "runs.maxPerPrincipal of sluice counts by"],
      [{ refuseWith: "503" }, "refuseWith"],
    ];
    for (const [options, name] of wrong) {
      await expect(limited(options)).rejects.toThrow(
        expect.objectContaining({ code: "ERR_OPTION", message: expect.stringContaining(name) }),
      );
    }
  });
});
