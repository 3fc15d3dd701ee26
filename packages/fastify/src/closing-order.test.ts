import "reflect-metadata";
import { Controller, Signal, Sse, SseStream } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { keepLog, makeApp, serve } from "../test/app.js";
import { watchClosings } from "../test/watch.js";

/** Notes in `steps` when the timer of that duration, or up to a tenth less, is cleared. */
function noteTimer(duration: number, steps: string[]): void {
  const { clearTimeout } = globalThis;
  const set = vi.spyOn(globalThis, "setTimeout");
  const clear = vi.spyOn(globalThis, "clearTimeout").mockImplementation((timer) => {
    const index = set.mock.calls.findIndex(([, ms = 0]) => ms > duration * 0.9 && ms <= duration);
    if (index >= 0 && set.mock.results[index]!.value === timer) steps.push("timer");
    clearTimeout(timer);
  });
  onTestFinished(() => {
    set.mockRestore();
    clear.mockRestore();
  });
}

it("C1: on a disconnect the signal is aborted, then the timers stop, then `return()` is called", async () => {
  const steps: string[] = [];
  noteTimer(123_456, steps);
  @Controller("order")
  class OrderController {
    @Sse("", { maxDuration: 123_456 })
    order(@Signal() signal: AbortSignal) {
      signal.addEventListener("abort", () => steps.push("signal"));
      return {
        [Symbol.asyncIterator]: () => ({
          next: (() => {
            let n = 0;
            return () =>
              n++ === 0
                ? Promise.resolve({ done: false as const, value: "hello" })
                : new Promise<IteratorResult<string>>(() => {});
          })(),
          return: () => {
            steps.push("return");
            return Promise.resolve({ done: true as const, value: undefined });
          },
        }),
      };
    }
  }
  const app = await serve(OrderController);
  const client = await testSse(app, "/order");
  await client.next();
  await client.disconnect();
  await vi.waitFor(() => expect(steps).toEqual(["signal", "timer", "return"]));
});

it("C1: the `onClose` callbacks of a stream come last, each with the reason, although one throws", async () => {
  const steps: string[] = [];
  noteTimer(123_456, steps);
  @Controller("order")
  class OrderController {
    @Sse("", { maxDuration: 123_456 })
    order(@Signal() signal: AbortSignal) {
      signal.addEventListener("abort", () => steps.push("signal"));
      const stream = new SseStream();
      stream.onClose((reason) => void steps.push(`first ${reason} ${String(stream.isClosed())}`));
      stream.onClose(() => {
        throw new Error("a callback's own");
      });
      stream.onClose(async () => {
        await Promise.reject(new Error("an async callback's own"));
      });
      stream.onClose((reason) => void steps.push(`last ${reason}`));
      stream.send("hello");
      return stream;
    }
  }
  const { logger, entries } = keepLog();
  const app = await serve(OrderController, {}, makeApp({ logger }));
  const client = await testSse(app, "/order");
  await client.next();
  await client.disconnect();
  await vi.waitFor(() =>
    expect(steps).toEqual(["signal", "timer", "first client true", "last client"]),
  );
  await vi.waitFor(() =>
    expect(entries.map(({ err }) => err?.message).filter(Boolean)).toEqual([
      "a callback's own",
      "an async callback's own",
    ]),
  );
});

it("C1: what a listener of the signal throws stops no other step, and is an uncaught exception as anywhere", async () => {
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  const uncaught: unknown[] = [];
  process.on("uncaughtException", (error) => uncaught.push(error));
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of others) process.on("uncaughtException", listener);
  });
  const steps: string[] = [];
  @Controller("throws")
  class ThrowsController {
    @Sse()
    async *throws(@Signal() signal: AbortSignal) {
      signal.addEventListener("abort", () => {
        throw new Error("a listener's own");
      });
      signal.addEventListener("abort", () => steps.push("signal"));
      try {
        for (;;) {
          yield "hello";
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      } finally {
        steps.push("finally");
      }
    }
  }
  const closings = watchClosings();
  const app = await serve(ThrowsController);
  const client = await testSse(app, "/throws");
  await client.next();
  await client.disconnect();
  await vi.waitFor(() => expect(steps).toEqual(["signal", "finally"]));
  expect(closings).toEqual([{ route: "ThrowsController.throws", reason: "client" }]);
  expect(uncaught).toEqual([expect.objectContaining({ message: "a listener's own" })]);
});

it("C1: a source whose `return()` throws or rejects is logged, and the connection is closed", async () => {
  const failing = (stop: () => Promise<IteratorResult<string>>) => ({
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise<IteratorResult<string>>((resolve) => {
          setTimeout(() => resolve({ done: false, value: "hello" }), 1);
        }),
      return: stop,
    }),
  });
  @Controller("stop")
  class StopController {
    @Sse("throws")
    throws() {
      return failing(() => {
        throw new Error("return() throws");
      });
    }

    @Sse("rejects")
    rejects() {
      return failing(() => Promise.reject(new Error("return() rejects")));
    }
  }
  const closings = watchClosings();
  const { logger, entries } = keepLog();
  const app = await serve(StopController, {}, makeApp({ logger }));
  for (const path of ["throws", "rejects"]) {
    const client = await testSse(app, `/stop/${path}`);
    await client.next();
    await client.disconnect();
    await vi.waitFor(() =>
      expect(entries.map(({ err }) => err?.message)).toContain(`return() ${path}`),
    );
  }
  expect(closings.map(({ reason }) => reason)).toEqual(["client", "client"]);
});

it("C1: a step that closes its own connection is let finish, and the source is stopped then", async () => {
  const steps: string[] = [];
  let drop: (() => void) | undefined;
  @Controller("within")
  class WithinController {
    @Sse()
    *within() {
      try {
        yield 1;
        drop!();
        steps.push("still running");
        yield 2;
      } finally {
        steps.push("finally");
      }
    }
  }
  const app = makeApp();
  app.addHook("onRequest", async (_, reply) => {
    drop = () => reply.raw.emit("close");
  });
  await serve(WithinController, {}, app);
  const client = await testSse(app, "/within");
  await client.next();
  await vi.waitFor(() => expect(steps).toEqual(["still running", "finally"]));
  await client.disconnect();
});

it("C1: the signal is aborted when a stream completes, too", async () => {
  let aborted: AbortSignal | undefined;
  @Controller("done")
  class DoneController {
    @Sse()
    async *done(@Signal() signal: AbortSignal) {
      aborted = signal;
      yield 1;
    }
  }
  const app = await serve(DoneController);
  await using client = await testSse(app, "/done");
  await client.rest();
  expect(aborted?.aborted).toBe(true);
  expect(aborted?.reason).toMatchObject({ name: "AbortError" });
});
