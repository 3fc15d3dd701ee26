import "reflect-metadata";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Controller, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify from "fastify";
import { expect, it, onTestFinished } from "vitest";
import { testSse, watchLeaks } from "./index.js";

/** An application with a stream that waits until it is released. */
async function serve() {
  let release!: () => void;
  const released = new Promise<void>((resolve) => (release = resolve));
  @Controller("leaky")
  class LeakyController {
    @Sse("deaf")
    async *deaf() {
      yield "hello";
      await released;
    }
  }
  const app = Fastify();
  await app.register(sluice, { controllers: [LeakyController] });
  await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  return { app, release };
}

it("finds nothing when all clients have left and all sources have ended", async () => {
  const { app, release } = await serve();
  using leaks = watchLeaks();
  const client = await testSse(app, "/leaky/deaf");
  await client.next();
  expect(leaks.connections).toEqual(new Map([["LeakyController.deaf", 1]]));
  await client.disconnect();
  release();
  await leaks.verify();
  expect(leaks.connections.size + leaks.producers.size).toBe(0);
});

it("names a connection that is still open", async () => {
  const { app } = await serve();
  using leaks = watchLeaks();
  await using client = await testSse(app, "/leaky/deaf");
  await client.next();
  await expect(leaks.verify(20)).rejects.toMatchObject({
    code: "ERR_LEAK",
    message: expect.stringContaining("1 connection(s) of LeakyController.deaf"),
  });
});

it("names a source that was told to stop and goes on", async () => {
  const { app, release } = await serve();
  using leaks = watchLeaks();
  const client = await testSse(app, "/leaky/deaf");
  await client.next();
  await client.disconnect();
  await expect(leaks.verify(20)).rejects.toMatchObject({
    code: "ERR_LEAK",
    message: expect.stringContaining("1 running source(s) of LeakyController.deaf"),
  });
  release();
  await leaks.verify();
});

it("names timers that were left", async () => {
  using leaks = watchLeaks();
  // More than the test runner may have had at the beginning and have no more.
  const timers = Array.from({ length: 20 }, () => setTimeout(() => {}, 60_000));
  await expect(leaks.verify(20)).rejects.toThrow(/\d+ Timeout/);
  for (const timer of timers) clearTimeout(timer);
  await leaks.verify();
});

it("takes the end of what was there before for no leak", async () => {
  const { app, release } = await serve();
  const client = await testSse(app, "/leaky/deaf");
  await client.next();
  using leaks = watchLeaks();
  const closed = new Promise<void>((resolve) => {
    const listener = (): void => {
      unsubscribe("sluice:connection:closed", listener);
      resolve();
    };
    subscribe("sluice:connection:closed", listener);
  });
  await using other = await testSse(app, "/leaky/deaf");
  await other.next();
  await client.disconnect();
  await closed;
  expect(leaks.connections).toEqual(new Map([["LeakyController.deaf", 1]]));
  release();
  await other.rest();
  await other.disconnect();
  await leaks.verify();
});
