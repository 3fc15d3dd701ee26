import "reflect-metadata";
import { Controller, Sse, SseStream } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it, vi } from "vitest";
import { makeApp, portOf, serve } from "../test/app.js";
import { Gate, watchClosings } from "../test/watch.js";

@Controller("ready")
class ReadyController {
  @Sse("stream")
  stream() {
    const stream = new SseStream();
    stream.send("hello");
    return stream;
  }
}

it("Q4: the route `readiness` says 200 while streams are taken, and 503 from the moment the server closes", async () => {
  const gate = new Gate();
  const app = await serve(
    ReadyController,
    { readiness: "/ready", onDrain: () => gate.opened },
    makeApp({ return503OnClosing: false }),
  );
  const port = await portOf(app);
  const ask = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/ready`, {
      headers: { connection: "close" },
    });
    return [answer.status, await answer.json(), answer.headers.get("cache-control")];
  };
  expect(await ask()).toEqual([200, { status: "ready" }, "no-store"]);
  const closing = app.close();
  await vi.waitFor(async () =>
    expect(await ask()).toEqual([503, { status: "closing" }, "no-store"]),
  );
  gate.open();
  await closing;
});

it("Q4: `onDrain` is waited for before the first stream ends, but not beyond the window", async () => {
  const closings = watchClosings();
  const gate = new Gate();
  const onDrain = vi.fn(() => gate.opened);
  const app = await serve(ReadyController, { drainWindow: "10s", onDrain });
  const client = await testSse(app, "/ready/stream");
  await client.next();
  const closing = app.close();
  await vi.waitFor(() => expect(onDrain).toHaveBeenCalledOnce());
  expect(closings).toEqual([]);
  gate.open();
  await closing;
  expect(closings).toEqual([{ route: "ReadyController.stream", reason: "shutdown" }]);

  const stuck = await serve(ReadyController, {
    drainWindow: 100,
    onDrain: () => new Promise(() => {}),
  });
  const other = await testSse(stuck, "/ready/stream");
  await other.next();
  await stuck.close();
  expect(await other.ended).toBe(false);
});

it("Q4: an `onDrain` that throws holds nothing up", async () => {
  const app = await serve(ReadyController, {
    onDrain: () => {
      throw new Error("the balancer is away");
    },
  });
  const client = await testSse(app, "/ready/stream");
  await client.next();
  await app.close();
  expect(await client.ended).toBe(true);
  expect(client.raw).toMatch(/retry: \d+\n$/);
});

it("Q4: many streams end one after the other, each with a `retry` of its own", async () => {
  const app = await serve(ReadyController, { drainWindow: "10s" });
  const clients = await Promise.all(
    Array.from({ length: 300 }, () => testSse(app, "/ready/stream")),
  );
  const ends: number[] = [];
  for (const client of clients) void client.ended.then(() => ends.push(performance.now()));
  await app.close();
  await vi.waitFor(() => expect(ends).toHaveLength(300));
  expect(ends.at(-1)! - ends[0]!).toBeGreaterThan(200);
  expect(ends.at(-1)! - ends[0]!).toBeLessThan(2_000);
  const retries = new Set(clients.map(({ raw }) => /retry: (\d+)\n$/.exec(raw)?.[1]));
  expect(retries.size).toBeGreaterThan(250);
});
