import "reflect-metadata";
import { Controller, Sse } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { afterEach, expect, it, vi } from "vitest";
import { makeApp, serve } from "../test/app.js";
import { stoppedClient } from "../test/stopped-client.js";
import { nextOpened } from "../test/watch.js";
import { KeepAlive, type KeptAlive } from "./keep-alive.js";

afterEach(() => void vi.useRealTimers());

/** A connection that notes when it was kept alive, in milliseconds of the fake clock. */
class Silent implements KeptAlive {
  writtenBytes = 0;
  writtenBefore = 0;
  writtenIn = 0;
  readonly comments: number[] = [];

  write(): void {
    this.writtenBytes++;
  }

  sendKeepAlive(): void {
    this.comments.push(Date.now());
    this.write();
  }
}

it("Q1: silence never lasts longer than the interval, whenever the last write was", () => {
  for (let phase = 0; phase < 1_000; phase += 37) {
    vi.useFakeTimers({ now: 0 });
    const keepAlive = new KeepAlive(1_000);
    const first = new Silent();
    keepAlive.add(first);
    vi.advanceTimersByTime(phase);
    const silent = new Silent();
    keepAlive.add(silent);
    const writes = [phase];
    vi.advanceTimersByTime(phase);
    silent.write();
    writes.push(phase * 2);
    vi.advanceTimersByTime(5_000);
    const sent = [...writes, ...silent.comments].toSorted((a, b) => a - b);
    const gaps = sent.slice(1).map((at, index) => at - sent[index]!);
    expect(gaps.length).toBeGreaterThan(5);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_000);
    expect(Math.min(...gaps.slice(-4))).toBeGreaterThanOrEqual(800);
    keepAlive.delete(first);
    keepAlive.delete(silent);
  }
});

it("Q1: many connections share one timer, which goes with the last of them", () => {
  vi.useFakeTimers();
  const keepAlive = new KeepAlive(15_000);
  expect(vi.getTimerCount()).toBe(0);
  const connections = Array.from({ length: 1_000 }, () => new Silent());
  for (const connection of connections) keepAlive.add(connection);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(15_000);
  expect(connections.every(({ comments }) => comments.length === 1)).toBe(true);
  for (const connection of connections.slice(1)) keepAlive.delete(connection);
  expect(vi.getTimerCount()).toBe(1);
  keepAlive.delete(connections[0]!);
  expect(vi.getTimerCount()).toBe(0);
});

@Controller("kept")
class KeptController {
  @Sse("quiet")
  async *quiet() {
    yield "hello";
    await new Promise(() => {});
  }

  @Sse("never", { keepAlive: false })
  never() {
    return this.quiet();
  }

  @Sse("rarely", { keepAlive: "1h" })
  rarely() {
    return this.quiet();
  }

  @Sse("busy", { keepAlive: 100 })
  async *busy() {
    for (let n = 0; n < 60; n++) {
      yield n;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  @Sse("flood")
  async *flood() {
    for (;;) yield "x".repeat(8_192);
  }
}

it("Q1: a quiet stream gets a comment, a line of its own that makes no event", async () => {
  const app = await serve(KeptController, { keepAlive: 20 });
  await using client = await testSse(app, "/kept/quiet");
  await vi.waitFor(() => expect(client.comments.length).toBeGreaterThanOrEqual(3));
  expect(client.raw).toMatch(/^data: hello\n\n(: keep-alive\n)+$/);
});

it("Q1: a quiet stream over HTTP/2 gets a comment, too", async () => {
  const app = await serve(KeptController, { keepAlive: 20 }, makeApp({ http2: true }));
  const { http2Get } = await import("../test/http2-get.js");
  const { stream } = await http2Get(app, "/kept/quiet");
  let text = "";
  stream.on("data", (chunk: string) => (text += chunk));
  await vi.waitFor(() => expect(text).toContain(": keep-alive\n: keep-alive\n"));
});

it("Q1: a stream that sends more often gets no comment", async () => {
  const app = await serve(KeptController);
  await using client = await testSse(app, "/kept/busy");
  expect(await client.rest()).toHaveLength(61);
  expect(client.comments).toEqual([]);
});

it("Q1: a route sets its own interval, or none", async () => {
  const app = await serve(KeptController, { keepAlive: 20 });
  const clients = await Promise.all(
    ["quiet", "never", "rarely"].map((path) => testSse(app, `/kept/${path}`)),
  );
  const [quiet, never, rarely] = clients;
  await vi.waitFor(() => expect(quiet!.comments.length).toBeGreaterThanOrEqual(3));
  expect(never!.raw).toBe("data: hello\n\n");
  expect(rarely!.raw).toBe("data: hello\n\n");
  await Promise.all(clients.map((client) => client.disconnect()));
});

it("Q1: a client that is behind gets no comment", async () => {
  const app = await serve(KeptController, { keepAlive: 10 });
  const opened = nextOpened();
  const behind = await stoppedClient(app, "/kept/flood");
  await opened;
  // Ten intervals of another client, while this one reads nothing.
  await using quiet = await testSse(app, "/kept/quiet");
  await vi.waitFor(() => expect(quiet.comments.length).toBeGreaterThanOrEqual(10));
  let checked = 0;
  behind.socket.resume();
  await behind.until(({ received }) => {
    checked = received.length;
    return checked > 2_000_000;
  });
  expect(behind.body.slice(0, checked)).not.toContain("\n: keep-alive");
});
