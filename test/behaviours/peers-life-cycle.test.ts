import "reflect-metadata";
import { once } from "node:events";
import {
  Controller,
  Ctx,
  mapEvents,
  Signal,
  Sse,
  SseStream,
  UseGuards,
  UseInterceptors,
  type Context,
} from "@sluice/core";
import { testSse, watchLeaks } from "@sluice/testing";
import { Observable } from "rxjs";
import { expect, it, onTestFinished, vi } from "vitest";
import { keepLog, makeApp, portOf, serve } from "../../packages/fastify/test/app.js";
import { exchange, get } from "../../packages/fastify/test/raw-connection.js";
import { stoppedClient } from "../../packages/fastify/test/stopped-client.js";
import { Gate, watchClosings } from "../../packages/fastify/test/watch.js";

/** A controller of one route, `/stream`, that gives this stream. */
function giving(stream: SseStream) {
  @Controller("stream")
  class StreamController {
    @Sse()
    stream() {
      return stream;
    }
  }
  return StreamController;
}

/** Notes what would end the process. */
function watchFaults(): readonly unknown[] {
  const faults: unknown[] = [];
  const note = (fault: unknown): void => void faults.push(fault);
  for (const name of ["unhandledRejection", "uncaughtException"]) process.on(name, note);
  onTestFinished(() => {
    for (const name of ["unhandledRejection", "uncaughtException"]) process.off(name, note);
  });
  return faults;
}

it("B26: a client that leaves fires `onClose` once, and leaves no connection, socket or timer behind", async () => {
  const stream = new SseStream();
  const timer = setInterval(() => stream.sendData("tick"), 1);
  const onClose = vi.fn(() => clearInterval(timer));
  stream.onClose(onClose);
  const app = await serve(giving(stream), { keepAlive: 5, maxDuration: "1h" });
  await portOf(app);
  using leaks = watchLeaks();
  const client = await testSse(app, "/stream");
  await client.take(3);
  expect(leaks.connections.size).toBe(1);
  await client.disconnect();
  await leaks.verify();
  expect(onClose).toHaveBeenCalledExactlyOnceWith("client");
});

it("B27: the server's own end, and a response that someone else destroys, fire `onClose` too", async () => {
  for (const [reason, end] of [
    ["complete", (stream: SseStream) => stream.close()],
    ["client", (_: SseStream, ctx: Context) => ctx.reply.raw.destroy()],
  ] as const) {
    const onClose = vi.fn();
    const gate = new Gate();
    @Controller("stream")
    class StreamController {
      @Sse()
      stream(@Ctx() ctx: Context) {
        const stream = new SseStream();
        stream.onClose(onClose);
        void gate.opened.then(() => end(stream, ctx));
        return stream;
      }
    }
    await using client = await testSse(await serve(StreamController), "/stream");
    gate.open();
    await client.ended;
    await vi.waitFor(() => expect(onClose).toHaveBeenCalledExactlyOnceWith(reason));
  }
});

it("B28: a client that left before an async handler resolved starts nothing: no step of a generator is taken, mapped or not, and no observable is subscribed to", async () => {
  const started = vi.fn();
  let asked = 0;
  let answered = 0;
  @Controller("slow")
  class SlowController {
    @Sse("plain")
    async plain(@Signal() gone: AbortSignal) {
      asked++;
      await once(gone, "abort");
      setImmediate(() => answered++);
      return this.#events();
    }

    @Sse("mapped")
    @UseInterceptors(async (_ctx, next) => mapEvents(await next(), (event) => event))
    mapped(@Signal() gone: AbortSignal) {
      return this.plain(gone);
    }

    @Sse("observed")
    async observed(@Signal() gone: AbortSignal) {
      await this.plain(gone);
      return new Observable<string>(started);
    }

    async *#events() {
      started();
      yield "never";
    }
  }
  const app = await serve(SlowController);
  const clients = [
    await exchange(app, get("/slow/plain")),
    await exchange(app, get("/slow/observed")),
    await exchange(app, get("/slow/mapped")),
  ];
  await vi.waitFor(() => expect(asked).toBe(3));
  for (const { socket } of clients) socket.destroy();
  await vi.waitFor(() => expect(answered).toBe(3));
  expect(started).not.toHaveBeenCalled();
});

it("B29: the handler's signal is aborted when the client leaves in the middle of a wait, and when the stream completes", async () => {
  const signals: AbortSignal[] = [];
  const woken = vi.fn();
  @Controller("signal")
  class SignalController {
    @Sse("waits")
    async *waits(@Signal() signal: AbortSignal) {
      signals.push(signal);
      yield "hello";
      await once(signal, "abort");
      woken();
    }

    @Sse("ends")
    async *ends(@Signal() signal: AbortSignal) {
      signals.push(signal);
      yield "hello";
    }
  }
  const app = await serve(SignalController);
  const waits = await testSse(app, "/signal/waits");
  await waits.next();
  expect(signals[0]!.aborted).toBe(false);
  await waits.disconnect();
  await vi.waitFor(() => expect(woken).toHaveBeenCalledOnce());
  await using ends = await testSse(app, "/signal/ends");
  await ends.rest();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

it("B30: after a disconnect a generator yields no more, its `finally` runs once, and the server closes", async () => {
  const finalised = vi.fn();
  let yields = 0;
  @Controller("endless")
  class EndlessController {
    @Sse()
    async *endless() {
      try {
        for (;;) {
          yield yields++;
          await new Promise(setImmediate);
        }
      } finally {
        finalised();
      }
    }
  }
  const app = await serve(EndlessController);
  const client = await testSse(app, "/endless");
  await client.take(5);
  await client.disconnect();
  await vi.waitFor(() => expect(finalised).toHaveBeenCalled());
  const after = yields;
  await app.close();
  expect(yields).toBe(after);
  expect(finalised).toHaveBeenCalledOnce();
});

it("B31: `maxDuration` ends a stream that never yields; its timer is cleared when a stream ends before", async () => {
  const setTimeouts = vi.spyOn(globalThis, "setTimeout");
  const clearTimeouts = vi.spyOn(globalThis, "clearTimeout");
  onTestFinished(() => void vi.restoreAllMocks());
  @Controller("bounded")
  class BoundedController {
    @Sse("quiet", { maxDuration: 30, openWithin: 1 })
    async *quiet(@Signal() gone: AbortSignal): AsyncGenerator<string> {
      await once(gone, "abort");
    }

    @Sse("short", { maxDuration: "1h" })
    *short() {
      yield "hello";
    }
  }
  const closings = watchClosings();
  const app = await serve(BoundedController);
  await using quiet = await testSse(app, "/bounded/quiet");
  expect(await quiet.text()).toBe("");
  expect(await quiet.ended).toBe(true);
  expect(closings.map(({ reason }) => reason)).toEqual(["timeout"]);
  await using short = await testSse(app, "/bounded/short");
  await short.rest();
  const index = setTimeouts.mock.calls.findIndex(
    ([, ms]) => ms !== undefined && ms > 3_240_000 && ms <= 3_600_000,
  );
  const timer: unknown = setTimeouts.mock.results[index]!.value;
  expect(clearTimeouts.mock.calls.flat()).toContain(timer);
});

it("B32: what is sent after the close is ignored: the calls return false and throw nothing, even for what is no event", async () => {
  const stream = new SseStream();
  await using client = await testSse(await serve(giving(stream)), "/stream");
  stream.send({ data: 1 });
  stream.close();
  expect(stream.send({ data: 2 })).toBe(false);
  expect(stream.send({ event: "a\nb", data: 3 })).toBe(false);
  expect(stream.sendData(4)).toBe(false);
  expect(stream.sendComment("5")).toBe(false);
  expect(await client.text()).toMatch(/^data: 1\n\nevent: sluice\.end\n[^]*\n\n$/);
  expect(client.raw).not.toMatch(/data: [2-4]|: 5/);
});

it("B33: a client may break off in any phase without an exception or a rejection that nobody handles", async () => {
  const faults = watchFaults();
  const reached = new Map<string, Gate>();
  const reach = (phase: string): void => reached.get(phase)!.open();
  @Controller("phase")
  class PhaseController {
    @Sse("guard")
    @UseGuards(async (ctx) => {
      reach("guard");
      await once(ctx.signal, "abort");
      throw new Error("the guard's own");
    })
    *guard() {
      yield "never";
    }

    @Sse("handler")
    async handler(@Signal() gone: AbortSignal): Promise<SseStream> {
      reach("handler");
      await once(gone, "abort");
      throw new Error("the handler's own");
    }

    @Sse("first-step")
    async *firstStep(@Signal() gone: AbortSignal): AsyncGenerator<string> {
      reach("first-step");
      await once(gone, "abort");
      throw new Error("the first step's own");
    }

    @Sse("open")
    async *open(@Signal() gone: AbortSignal) {
      yield "hello";
      reach("open");
      await once(gone, "abort");
      throw new Error("the generator's own");
    }

    @Sse("flood")
    async *flood(@Signal() gone: AbortSignal) {
      gone.addEventListener("abort", () => reach("gone"));
      reach("flood");
      for (;;) yield "x".repeat(65_536);
    }
  }
  const app = await serve(PhaseController, { openWithin: "1h" });
  reached.set("gone", new Gate());
  for (const phase of ["guard", "handler", "first-step", "open", "flood"]) {
    reached.set(phase, new Gate());
    const client = await stoppedClient(app, `/phase/${phase}`);
    await reached.get(phase)!.opened;
    client.socket.resetAndDestroy();
  }
  await reached.get("gone")!.opened;
  await app.close();
  expect(faults).toEqual([]);
});

it("B34: an `onClose` that throws when the client leaves is logged; it ends neither the process nor the other callbacks", async () => {
  const faults = watchFaults();
  const stream = new SseStream();
  const last = vi.fn();
  stream.onClose(() => {
    throw new Error("the first callback's own");
  });
  stream.onClose(() => Promise.reject(new Error("the second callback's own")));
  stream.onClose(last);
  const { logger, entries } = keepLog();
  const client = await testSse(await serve(giving(stream), {}, makeApp({ logger })), "/stream");
  await client.disconnect();
  await vi.waitFor(() => expect(last).toHaveBeenCalledExactlyOnceWith("client"));
  await vi.waitFor(() =>
    expect(entries.flatMap(({ err }) => err?.message ?? [])).toEqual([
      "the first callback's own",
      "the second callback's own",
    ]),
  );
  expect(faults).toEqual([]);
});
