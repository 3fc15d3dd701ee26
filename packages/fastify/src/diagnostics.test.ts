import "reflect-metadata";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { SseStream, Controller, Sse } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { serve } from "../test/app.js";
import { serveChannels, type Ticks } from "../test/channels.js";

/** Gathers what is published under `sluice:connection:` until the test is over. */
function watch(
  ...names: readonly string[]
): { readonly name: string; readonly [key: string]: unknown }[] {
  const seen: { readonly name: string }[] = [];
  for (const name of names) {
    const listener = (message: unknown): void => {
      seen.push({ name, ...(message as object) });
    };
    subscribe(`sluice:connection:${name}`, listener);
    onTestFinished(() => void unsubscribe(`sluice:connection:${name}`, listener));
  }
  return seen;
}

it("Q5: a stream's opening, first event, traffic and close are told, with what was sent", async () => {
  const seen = watch("opened", "first-event", "sent", "closed");
  @Controller("told")
  class ToldController {
    @Sse()
    *told() {
      yield { event: "tick", id: "1", data: 1 };
      yield { event: "tick", id: "2", data: 2 };
    }
  }
  const app = await serve(ToldController);
  const client = await testSse(app, "/told");
  await client.rest();
  await vi.waitFor(() => expect(seen.at(-1)?.name).toBe("closed"));
  const { id } = seen[0]!;
  const named = { id, route: "ToldController.told" };
  const bytes = "event: tick\nid: 1\ndata: 1\n\n".length;
  expect(seen).toEqual([
    { name: "opened", ...named },
    { name: "first-event", ...named, elapsed: expect.any(Number) as number },
    { name: "sent", ...named, events: 1, bytes },
    { name: "sent", ...named, events: 1, bytes },
    {
      name: "closed",
      ...named,
      reason: "complete",
      duration: expect.any(Number) as number,
      firstEvent: expect.any(Number) as number,
      events: 2,
      bytes: expect.any(Number) as number,
      dropped: 0,
      replayed: 0,
      resets: 0,
    },
  ]);
  const { duration, firstEvent, bytes: all } = seen.at(-1) as Record<string, number>;
  expect(firstEvent).toBeLessThanOrEqual(duration!);
  // What was counted is what was on the wire, with the chunks' sizes.
  expect(all).toBeGreaterThan(client.raw.length);
  expect(all).toBeLessThan(client.raw.length + 50);
});

it("Q5: what was replayed, reset and dropped is told", async () => {
  const seen = watch("replayed", "reset", "dropped", "closed");
  const { app, channels } = await serveChannels();
  const channel = channels.get<Ticks>("a");
  const { id } = await channel.publish({ event: "tick", data: { n: 1 } });
  for (let n = 2; n <= 4; n++) await channel.publish({ event: "tick", data: { n } });
  const client = await testSse(app, "/channels/a", { lastEventId: id });
  await client.take(3);
  await client.disconnect();
  const stranger = await testSse(app, "/channels/a", { lastEventId: "none" });
  await stranger.next();
  await stranger.disconnect();
  await vi.waitFor(() => expect(seen.filter(({ name }) => name === "closed")).toHaveLength(2));
  expect(seen).toMatchObject([
    { name: "replayed", count: 3 },
    { name: "closed", replayed: 3, resets: 0, events: 3 },
    { name: "reset", count: 1 },
    { name: "closed", replayed: 0, resets: 1 },
  ]);

  @Controller("drops")
  class DropsController {
    @Sse()
    drops() {
      const stream = new SseStream({ overflow: "drop-oldest", maxBufferedBytes: 20 });
      for (let n = 0; n < 5; n++) stream.send(n);
      return stream;
    }
  }
  const dropping = await serve(DropsController);
  await testSse(dropping, "/drops");
  expect(seen.at(-1)).toMatchObject({ name: "dropped", count: 3 });
});

it("Q5: a refusal is told with the limit", async () => {
  const seen = watch("refused", "opened");
  @Controller("one")
  class OneController {
    @Sse("", { maxConnections: 1 })
    one() {
      return new SseStream();
    }
  }
  const app = await serve(OneController);
  await testSse(app, "/one");
  await testSse(app, "/one");
  expect(seen).toMatchObject([
    { name: "opened", route: "OneController.one" },
    { name: "refused", route: "OneController.one", limit: "route" },
  ]);
});
