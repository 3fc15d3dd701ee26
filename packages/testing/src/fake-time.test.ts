import "reflect-metadata";
import { setTimeout as delay } from "node:timers/promises";
import { Channels, Controller, Sse, SseStream } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { expectEvent, type SseTestOptions, testSse, watchLeaks } from "./index.js";

const HOUR = 3_600_000;

@Controller("slow")
class SlowController {
  constructor(private readonly channels: Channels) {}

  @Sse("hourly")
  async *hourly() {
    for (let hour = 1; ; hour++) {
      await new Promise((resolve) => setTimeout(resolve, HOUR));
      yield { event: "hour", data: hour };
    }
  }

  /** A head that takes longer than the client's own timers would allow. */
  @Sse("late")
  async late() {
    await new Promise((resolve) => setTimeout(resolve, HOUR));
    return new SseStream();
  }

  @Sse("news")
  news() {
    const channel = this.channels.get("news");
    setTimeout(() => void channel.publish({ event: "news", data: "published" }), HOUR);
    return channel;
  }

  @Sse("never")
  never() {
    return new SseStream();
  }
}

let app: FastifyInstance;
beforeEach(async () => {
  app = Fastify();
  await app.register(sluice, { controllers: [SlowController] });
  await app.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  vi.useRealTimers();
  await app.close();
});

const options: SseTestOptions = { advance: () => vi.advanceTimersToNextTimerAsync() };

it("`advance` moves the clock until the event is there, and no further", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  const began = Date.now();
  await using client = await testSse(app, "/slow/hourly", options);
  for (const hour of [1, 2, 3]) {
    expect((await client.next()).json).toBe(hour);
    expect(Date.now() - began).toBe(hour * HOUR);
  }
});

it("`advance` moves the clock until the head is there", async () => {
  vi.useFakeTimers();
  await using client = await testSse(app, "/slow/late", options);
  expect(client.status).toBe(200);
});

it("channels work when all is faked that a runner fakes", async () => {
  vi.useFakeTimers();
  await using client = await testSse(app, "/slow/news", options);
  expect((await expectEvent(client, "news")).json).toBe("published");
});

it("a test may move the clock itself", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const opening = testSse(app, "/slow/hourly");
  while (vi.getTimerCount() < 2) await delay(1);
  await vi.advanceTimersByTimeAsync(100);
  await using client = await opening;
  const hour = client.next();
  await vi.advanceTimersByTimeAsync(HOUR);
  expect((await hour).json).toBe(1);
});

it("limits hold by the real clock, whether the fake one is moved or stands still", async () => {
  vi.useFakeTimers();
  for (const advance of [options.advance!, () => {}, () => new Promise(() => {})]) {
    await using client = await testSse(app, "/slow/never", { advance, timeout: 30 });
    await expect(client.next()).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
  }
});

it("the head and the end of an answer are waited for three seconds", async () => {
  vi.useFakeTimers();
  await using client = await testSse(app, "/slow/never", { timeout: 30 });
  const [opening, text] = await Promise.allSettled([testSse(app, "/slow/late"), client.text()]);
  const code = "ERR_TIMEOUT";
  const head = "No head of an answer came within 3000 ms.";
  const end = 'The answer did not end within 3000 ms. Received so far: ""';
  expect(opening).toMatchObject({ reason: { code, message: head } });
  expect(text).toMatchObject({ reason: { code, message: end } });
});

it("what `advance` throws ends the wait, and the connection that it waits for", async () => {
  const advance = (): never => {
    throw new Error("no fake timers");
  };
  using leaks = watchLeaks();
  await expect(testSse(app, "/slow/late", { advance })).rejects.toThrow("no fake timers");
  expect(leaks.connections.size).toBe(0);
});

it("refuses to begin where nothing could ever come", async () => {
  vi.useFakeTimers({ toFake: ["queueMicrotask"] });
  await expect(testSse(app, "/slow/never")).rejects.toMatchObject({
    code: "ERR_FAKED",
    message: expect.stringContaining("while this is faked: queueMicrotask. Leave it out"),
  });
});
