import "reflect-metadata";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Controller, Signal, Sse, SseStream } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it, vi } from "vitest";
import { keepLog, makeApp, serve } from "../test/app.js";
import { watchStuck } from "../test/watch.js";
import { Connection } from "./connection.js";
import { Registry } from "./registry.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Resolves when nothing holds what is behind the references. */
async function collected(references: readonly WeakRef<object>[]): Promise<void> {
  await vi.waitFor(
    () => {
      collect();
      const held = references.map((reference) => reference.deref()?.constructor.name);
      expect(held.filter(Boolean)).toEqual([]);
    },
    { timeout: 5_000, interval: 20 },
  );
}

/** References to what belongs to each request of an application. */
function trace(): { readonly references: WeakRef<object>[]; restore(): void } {
  const references: WeakRef<object>[] = [];
  const add = vi.spyOn(Registry.prototype, "add").mockImplementation((connection: Connection) => {
    const { request, reply } = connection.context!;
    references.push(...[connection, request, reply].map((object) => new WeakRef<object>(object)));
    add.mock.calls.length = 0;
  });
  return { references, restore: () => add.mockRestore() };
}

it("C1: a generator that is stuck for ever holds no connection, request or reply, and is named", async () => {
  const stuck = watchStuck();
  const { logger, entries } = keepLog();
  const running = new Set<AsyncGenerator<string>>();
  const started: string[] = [];

  @Controller("deaf")
  class DeafController {
    @Sse("open")
    open(@Signal() signal: AbortSignal) {
      return this.#deaf("open", signal, true);
    }

    @Sse("first", { openWithin: 1 })
    first(@Signal() signal: AbortSignal) {
      return this.#deaf("first", signal, false);
    }

    #deaf(name: string, signal: AbortSignal, greets: boolean) {
      const generator = (async function* deaf() {
        started.push(name);
        try {
          if (greets) yield "hello";
          await new Promise((resolve) => stuckFor.push(resolve));
        } finally {
          started.push(`${name} ended ${String(signal.aborted)}`);
        }
      })();
      running.add(generator);
      return generator;
    }
  }
  const stuckFor: ((value: unknown) => void)[] = [];
  const { references, restore } = trace();
  const app = await serve(DeafController, { stuckAfter: 20 }, makeApp({ logger }));
  for (const path of ["open", "first"]) {
    const client = await testSse(app, `/deaf/${path}`);
    if (path === "open") await client.next();
    await client.disconnect();
  }
  await vi.waitFor(() => expect(stuck).toHaveLength(2));
  restore();
  expect(started).toEqual(["open", "first"]);
  expect(references).toHaveLength(6);
  await collected(references);
  expect(
    entries.filter(({ msg }) => msg.includes("pass the signal")).map(({ route }) => route),
  ).toEqual(["DeafController.open", "DeafController.first"]);

  // It could still be woken: what it holds is its own.
  for (const resolve of stuckFor) resolve(undefined);
  await vi.waitFor(() =>
    expect(started.slice(2).toSorted()).toEqual(["first ended true", "open ended true"]),
  );
  expect(running.size).toBe(2);
});

it("C1: an SseStream that the application keeps holds no connection, request or reply", async () => {
  const kept: SseStream[] = [];
  @Controller("kept")
  class KeptController {
    @Sse()
    kept() {
      const stream = new SseStream();
      kept.push(stream);
      return stream;
    }
  }
  const { references, restore } = trace();
  const app = await serve(KeptController);
  const client = await testSse(app, "/kept");
  await client.disconnect();
  await vi.waitFor(() => expect(kept[0]!.isClosed()).toBe(true));
  restore();
  expect(references).toHaveLength(3);
  await collected(references);
});
