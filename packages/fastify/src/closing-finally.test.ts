import "reflect-metadata";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Controller, Signal, Sse } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it, vi } from "vitest";
import { keepLog, makeApp, serve } from "../test/app.js";
import { Gate, watchStuck } from "../test/watch.js";

it("C1: `finally` runs once, after the wait that the client left in", async () => {
  const gate = new Gate();
  const finalised = vi.fn();
  @Controller("sleep")
  class SleepController {
    @Sse()
    async *sleep() {
      try {
        yield "hello";
        await gate.opened;
        yield "never delivered";
      } finally {
        finalised();
      }
    }
  }
  const app = await serve(SleepController);
  const client = await testSse(app, "/sleep");
  await client.next();
  await client.disconnect();
  expect(finalised).not.toHaveBeenCalled();
  gate.open();
  await vi.waitFor(() => expect(finalised).toHaveBeenCalledOnce());
});

it("C1: a wait that obeys the signal ends at once, and its AbortError is no news", async () => {
  const finalised = vi.fn();
  @Controller("obeys")
  class ObeysController {
    @Sse()
    async *obeys(@Signal() signal: AbortSignal) {
      try {
        yield "hello";
        await delay(3_600_000, undefined, { signal });
      } finally {
        finalised();
      }
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(ObeysController, {}, makeApp({ logger }));
  const client = await testSse(app, "/obeys");
  await client.next();
  await client.disconnect();
  await vi.waitFor(() => expect(finalised).toHaveBeenCalledOnce());
  expect(entries.filter(({ level }) => level >= 40)).toEqual([]);
});

it("C1: the error that a library has of its own for an aborted signal is no news", async () => {
  class APIUserAbortError extends Error {}
  const finalised = vi.fn();
  @Controller("library")
  class LibraryController {
    @Sse()
    async *library(@Signal() signal: AbortSignal) {
      yield "hello";
      const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
      await aborted.finally(finalised);
      throw new APIUserAbortError("Request was aborted.");
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(LibraryController, {}, makeApp({ logger }));
  const client = await testSse(app, "/library");
  await client.next();
  await client.disconnect();
  await vi.waitFor(() => expect(finalised).toHaveBeenCalledOnce());
  await app.close();
  expect(entries.filter(({ level }) => level >= 40)).toEqual([]);
});

it("C1: an error of a source that was told to stop in its first step is logged", async () => {
  const gate = new Gate();
  @Controller("first")
  class FirstController {
    @Sse("", { openWithin: "1h" })
    async *first(@Signal() signal: AbortSignal) {
      gate.open();
      await once(signal, "abort");
      throw new Error("thrown after the client left");
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(FirstController, {}, makeApp({ logger }));
  const controller = new AbortController();
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  const left = fetch(`${origin}/first`, { signal: controller.signal }).catch(() => "left");
  await gate.opened;
  controller.abort();
  expect(await left).toBe("left");
  await vi.waitFor(() =>
    expect(entries.map(({ err }) => err?.message)).toContain("thrown after the client left"),
  );
});

it("C2: what a generator yields in `finally` is sent at its end, and dropped after a disconnect", async () => {
  const steps: string[] = [];
  @Controller("end")
  class EndController {
    @Sse("done")
    async *done() {
      try {
        yield "hello";
      } finally {
        yield { event: "end", data: 1 };
        steps.push("done");
      }
    }

    @Sse("left")
    async *left() {
      try {
        for (;;) {
          yield "hello";
          await delay(1);
        }
      } finally {
        yield { event: "end", data: 1 };
        await delay(1);
        yield { event: "end", data: 2 };
        steps.push("left");
      }
    }
  }
  const app = await serve(EndController);
  await using done = await testSse(app, "/end/done");
  expect((await done.rest()).map(({ event }) => event)).toEqual(["message", "end", "sluice.end"]);
  const left = await testSse(app, "/end/left");
  await left.next();
  await left.disconnect();
  await vi.waitFor(() => expect(steps).toEqual(["done", "left"]));
  expect(left.raw).not.toContain("event: end");
});

it("C2: a generator that refuses to end is left after a thousand steps, and named", async () => {
  const stuck = watchStuck();
  let refusals = 0;
  @Controller("refuses")
  class RefusesController {
    @Sse()
    async *refuses() {
      try {
        for (;;) {
          yield "hello";
          await delay(1);
        }
      } finally {
        for (;;) {
          refusals++;
          yield "no";
        }
      }
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(RefusesController, {}, makeApp({ logger }));
  const client = await testSse(app, "/refuses");
  await client.next();
  await client.disconnect();
  await vi.waitFor(() => expect(stuck).toHaveLength(1));
  expect(stuck[0]).toMatchObject({ route: "RefusesController.refuses" });
  expect(refusals).toBe(1_001);
  const warnings = entries.filter(({ level }) => level > 30);
  expect(warnings.filter(({ route }) => route === "RefusesController.refuses")).toHaveLength(1);
});

it("C2: a sync generator's `finally` runs as well", async () => {
  const finalised = vi.fn();
  @Controller("sync")
  class SyncController {
    @Sse()
    *sync() {
      try {
        for (;;) yield "x".repeat(1_000);
      } finally {
        yield "dropped";
        finalised();
      }
    }
  }
  const app = await serve(SyncController);
  const client = await testSse(app, "/sync");
  await client.take(10);
  await client.disconnect();
  await vi.waitFor(() => expect(finalised).toHaveBeenCalledOnce());
});
