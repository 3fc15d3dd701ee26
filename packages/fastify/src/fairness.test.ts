import "reflect-metadata";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Controller, Sse } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it } from "vitest";
import { makeApp, serve } from "../test/app.js";
import { exchange, get } from "../test/raw-connection.js";

@Controller("greedy")
class GreedyController {
  @Sse("async")
  async *async() {
    for (;;) yield "x";
  }

  @Sse("sync")
  *sync() {
    for (;;) yield "x";
  }

  @Sse("modest")
  async *modest() {
    for (let n = 0; n < 5; n++) {
      yield n;
      await delay(1);
    }
  }
}

it.each(["async", "sync"])(
  "C5: a generator that never waits (%s) leaves timers and other clients their turns",
  async (path) => {
    const app = await serve(GreedyController);
    const greedy = await exchange(app, get(`/greedy/${path}`));
    await once(greedy.socket, "data");
    for (let n = 0; n < 20; n++) await delay(1);
    await using modest = await testSse(app, "/greedy/modest");
    expect((await modest.rest()).map(({ data }) => data)).toEqual([
      "0",
      "1",
      "2",
      "3",
      "4",
      '{"outcome":"done"}',
    ]);
    const before = greedy.received.length;
    await once(greedy.socket, "data");
    expect(greedy.received.length).toBeGreaterThan(before);
  },
);

it("C5: over HTTP/2, one stream whose client reads nothing does not hold up the others", async () => {
  const { connect } = await import("node:http2");
  const app = await serve(GreedyController, {}, makeApp({ http2: true }));
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  const session = connect(origin);
  const stopped = session.request({ ":path": "/greedy/async" });
  await once(stopped, "response");
  const modest = session.request({ ":path": "/greedy/modest" });
  let text = "";
  for await (const chunk of modest.setEncoding("utf8")) text += chunk;
  expect(text).toContain("data: 4\n\n");
  stopped.on("error", () => {});
  session.destroy();
});
