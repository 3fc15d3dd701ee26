import "reflect-metadata";
import { type CloseReason, Controller, Sse, SseStream } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it, vi } from "vitest";
import { serve } from "../test/app.js";
import { stoppedClient } from "../test/stopped-client.js";
import { watchClosings } from "../test/watch.js";

interface Case {
  readonly reason: CloseReason;
  readonly maxDuration?: number;
  /** What ends the stream. */
  readonly end: (given: {
    stream: SseStream;
    leave: () => Promise<void>;
    close: () => Promise<void>;
  }) => unknown;
}

it.each<Case>([
  { reason: "complete", end: ({ stream }) => stream.close() },
  { reason: "client", end: ({ leave }) => leave() },
  { reason: "error", end: ({ stream }) => stream.fail(new Error("no")) },
  { reason: "shutdown", end: ({ close }) => close() },
  { reason: "timeout", maxDuration: 30, end: () => undefined },
])("C1: a stream closes once, with the reason $reason", async ({ reason, maxDuration, end }) => {
  const closings = watchClosings();
  const stream = new SseStream();
  const closed = vi.fn();
  stream.onClose(closed);
  @Controller("reason")
  class ReasonController {
    @Sse()
    reason() {
      return stream;
    }
  }
  const app = await serve(ReasonController, { ...(maxDuration && { maxDuration }) });
  const client = await testSse(app, "/reason");
  await end({ stream, leave: () => client.disconnect(), close: () => app.close() });
  await vi.waitFor(() => expect(closings).toEqual([{ route: "ReasonController.reason", reason }]));
  expect(closed).toHaveBeenCalledExactlyOnceWith(reason);
  await client.disconnect();
  await new Promise(setImmediate);
  expect(closings).toHaveLength(1);
});

it("C1: a stream closes once, with the reason slow-consumer", async () => {
  const closings = watchClosings();
  const closed = vi.fn();
  @Controller("reason")
  class ReasonController {
    @Sse()
    reason() {
      const stream = new SseStream({ maxBufferedBytes: 1_000 });
      stream.onClose(closed);
      const flood = setInterval(() => stream.send("x".repeat(100_000)), 1);
      stream.onClose(() => clearInterval(flood));
      return stream;
    }
  }
  const app = await serve(ReasonController);
  await stoppedClient(app, "/reason");
  await vi.waitFor(() => expect(closed).toHaveBeenCalledExactlyOnceWith("slow-consumer"));
  expect(closings).toEqual([{ route: "ReasonController.reason", reason: "slow-consumer" }]);
});

it("Q3: `maxDuration` ends a stream that never yields, properly and without the mark", async () => {
  const finalised = vi.fn();
  let wake!: () => void;
  @Controller("never")
  class NeverController {
    @Sse("", { maxDuration: 30, openWithin: 0 })
    async *never() {
      try {
        await new Promise<void>((resolve) => (wake = resolve));
        yield "never";
      } finally {
        finalised();
      }
    }
  }
  const app = await serve(NeverController);
  const client = await testSse(app, "/never");
  expect(await client.text()).toBe("");
  expect(await client.ended).toBe(true);
  wake();
  await vi.waitFor(() => expect(finalised).toHaveBeenCalledOnce());
});

it("Q3: the timer of `maxDuration` goes with the stream", async () => {
  const set = vi.spyOn(globalThis, "setTimeout");
  const clear = vi.spyOn(globalThis, "clearTimeout");
  @Controller("short")
  class ShortController {
    @Sse("", { maxDuration: 123_456 })
    *short() {
      yield 1;
    }
  }
  const app = await serve(ShortController);
  await using client = await testSse(app, "/short");
  await client.rest();
  const index = set.mock.calls.findIndex(([, ms = 0]) => ms > 111_110 && ms <= 123_456);
  const timer: unknown = set.mock.results[index]?.value;
  expect(timer).toBeDefined();
  expect(clear).toHaveBeenCalledWith(timer);
  vi.restoreAllMocks();
});
