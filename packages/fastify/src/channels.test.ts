import { Socket } from "node:net";
import { Channels, Controller, Sse } from "@sluice/core";
import { type SseTestClient, testSse } from "@sluice/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { makeApp, serve } from "../test/app.js";
import { serveChannels, type Ticks } from "../test/channels.js";
import { http2Get } from "../test/http2-get.js";
import { chunksOf, exchange, get } from "../test/raw-connection.js";
import { stoppedClient } from "../test/stopped-client.js";

const tick = (n: number) => ({ event: "tick", data: { n } }) as const;

/** Resolves when a channel has so many connections. */
async function joined(channels: Channels, name: string, count: number): Promise<void> {
  await vi.waitFor(() => expect(channels.get(name).subscribers).toBe(count));
}

async function numbers(client: SseTestClient, count: number): Promise<number[]> {
  const events = await client.take(count);
  return events.map(({ json }) => (json as { n: number }).n);
}

describe("a handler that returns a channel", () => {
  it("O2: opens at once, and tells the position from which the client can resume", async () => {
    const { app } = await serveChannels();
    const client = await exchange(app, get("/channels/a"));
    await client.until(({ body }) => body.includes("\n\n"));
    expect(chunksOf(client.body)).toEqual([
      expect.stringMatching(/^event: sluice\.position\nid: 1\.[\w-]{8}\.0\ndata: \{\}\n\n$/),
    ]);
  });

  it.each(["a", "merged", "generated", "mapped"])(
    "H2: loses nothing of what is published while a client of %s is away",
    async (path) => {
      const { app, channels } = await serveChannels();
      const client = await testSse(app, `/channels/${path}`, {});
      await joined(channels, "a", 1);
      const { publish } = publisher(channels, "a");
      await publish(3);
      expect(await numbers(client, 3)).toEqual([1, 2, 3]);
      await client.disconnect();
      await joined(channels, "a", 0);
      await publish(3);
      await client.reconnect();
      await joined(channels, "a", 1);
      await publish(2);
      expect(await numbers(client, 5)).toEqual([4, 5, 6, 7, 8]);
    },
  );

  it.each(["a", "merged", "generated", "mapped"])(
    "H2: loses nothing for a client of %s that left before anything was published",
    async (path) => {
      const { app, channels } = await serveChannels();
      const client = await testSse(app, `/channels/${path}`);
      await vi.waitFor(() => expect(client.lastEventId).toBeDefined());
      await client.disconnect();
      await joined(channels, "a", 0);
      await publisher(channels, "a").publish(2);
      await client.reconnect();
      expect(await numbers(client, 2)).toEqual([1, 2]);
    },
  );

  it("answers a publication with its id and how many connections it reached", async () => {
    const { app, channels } = await serveChannels();
    const clients = [
      await testSse(app, "/channels/a"),
      await testSse(app, "/channels/merged"),
      await testSse(app, "/channels/generated"),
    ];
    await joined(channels, "a", 3);
    const { id, local } = await channels.get<Ticks>("a").publish(tick(1));
    expect(local).toBe(3);
    expect((await clients[0]!.next()).id).toBe(id);
  });

  it("H3: tells a client whose id is none that it could not be resumed", async () => {
    const { app } = await serveChannels();
    const bad = ["$", "+", "a, b", "1.AAAAAAAA.7", "x".repeat(1_500), "0-0"];
    for (const lastEventId of bad) {
      const client = await testSse(app, "/channels/a", {
        headers: { "last-event-id": lastEventId },
      });
      expect(client.status).toBe(200);
      const reset = await client.next();
      expect(reset.event).toBe("sluice.reset");
      expect(reset.json).toEqual({
        channels: ["a"],
        reason: lastEventId.startsWith("1.") ? "unknown" : "malformed",
      });
      await client.disconnect();
    }
  });

  it("O5: an id that can't be one is a 400 where the handler itself reads it", async () => {
    const { app } = await serveChannels();
    const client = await testSse(app, "/channels/generated", {
      headers: { "last-event-id": "x".repeat(1_500) },
    });
    expect(client.status).toBe(400);
  });

  it("H2: a snapshot comes first, with the position that it belongs to", async () => {
    const { app, channels } = await serveChannels();
    await channels.get("a").publish(tick(1));
    const client = await testSse(app, "/channels/snapshot");
    const snapshot = await client.next();
    expect(snapshot.json).toEqual({ n: 0 });
    await channels.get("a").publish(tick(2));
    await client.disconnect();
    await client.reconnect();
    expect(await numbers(client, 1)).toEqual([2]);
  });

  it("C3: tells who listens and who comes later that an ended channel is complete", async () => {
    const { app, channels } = await serveChannels();
    const client = await testSse(app, "/channels/a");
    await joined(channels, "a", 1);
    await publisher(channels, "a").publish(1);
    await channels.get("a").end();
    const [event, end] = await client.rest();
    expect(event!.json).toEqual({ n: 1 });
    expect(end).toMatchObject({ event: "sluice.end", id: `${event!.id!}#end` });
    await client.reconnect();
    expect(client.status).toBe(204);
    const late = await testSse(app, "/channels/a");
    expect((await late.rest()).map(({ event }) => event)).toEqual(["sluice.end"]);
    expect(channels.active).toBe(0);
  });

  it("C3: tells who listens and who comes later that a channel has failed, and that this is final", async () => {
    const { app, channels } = await serveChannels();
    const client = await testSse(app, "/channels/a");
    await joined(channels, "a", 1);
    await publisher(channels, "a").publish(1);
    await channels.get("a").end("failed");
    const [event, end] = await client.rest();
    const failed = { event: "sluice.end", json: { outcome: "failed" } };
    expect(end).toMatchObject({ ...failed, id: `${event!.id!}#end` });
    await client.reconnect();
    expect(client.status).toBe(204);
    const late = await testSse(app, "/channels/a");
    expect(await late.rest()).toMatchObject([failed]);
  });

  it("C3: a merge ends when all its channels have", async () => {
    const { app, channels } = await serveChannels();
    const client = await testSse(app, "/channels/merged");
    await joined(channels, "a", 1);
    await channels.get("a").end();
    await channels.get<Ticks>("b").publish(tick(1));
    expect(await numbers(client, 1)).toEqual([1]);
    await channels.get("b").end();
    expect((await client.rest()).map(({ event }) => event)).toEqual(["sluice.end"]);
  });

  it("H4: nothing is left of a channel without history when its last client has left", async () => {
    const { app, channels } = await serveChannels({ channels: { history: false } });
    const clients = [await testSse(app, "/channels/a"), await testSse(app, "/channels/merged")];
    await joined(channels, "a", 2);
    await publisher(channels, "a").publish(1);
    for (const client of clients) await client.disconnect();
    await vi.waitFor(() => expect(channels.active).toBe(0));
  });

  it("serves HTTP/2 as it does HTTP/1.1", async () => {
    const app = makeApp({ http2: true });
    const { channels } = await serveChannels({}, app);
    const { stream, text } = await http2Get(app, "/channels/a");
    await joined(channels, "a", 1);
    const { publish } = publisher(channels, "a");
    await publish(3);
    await channels.get("a").end();
    expect((await text()).match(/"n":\d/g)).toEqual(['"n":1', '"n":2', '"n":3']);
    stream.close();
  });
});

describe("fan-out", () => {
  it("H1: events of one turn go to each socket in one write, of one buffer", async () => {
    const { app, channels } = await serveChannels();
    for (let n = 0; n < 3; n++) await testSse(app, "/channels/a");
    await joined(channels, "a", 3);
    const write = vi.spyOn(Socket.prototype, "write");
    onTestFinished(() => write.mockRestore());
    const channel = channels.get<Ticks>("a");
    for (let n = 1; n <= 10; n++) void channel.publish(tick(n));
    await new Promise(setImmediate);
    const chunks = write.mock.calls
      .map(([chunk]) => chunk)
      .filter((chunk) => isOf(chunk, '"n":1}'));
    expect(chunks).toHaveLength(3);
    expect(new Set(chunks).size).toBe(1);
    expect(String(chunks[0]).match(/^id: /gm)).toHaveLength(10);
  });

  it("H1: what a generator yields on of a channel goes to each socket in the same bytes", async () => {
    const { app, channels } = await serveChannels();
    for (let n = 0; n < 3; n++) await testSse(app, "/channels/generated");
    await joined(channels, "a", 3);
    const write = vi.spyOn(Socket.prototype, "write");
    onTestFinished(() => write.mockRestore());
    await channels.get<Ticks>("a").publish(tick(1));
    const chunksOf = () =>
      write.mock.calls.map(([chunk]) => chunk).filter((chunk) => isOf(chunk, '"n":1}'));
    await vi.waitFor(() => expect(chunksOf()).toHaveLength(3));
    expect(new Set(chunksOf()).size).toBe(1);
  });

  it("Q1: a keep-alive never comes beside traffic", async () => {
    const { app, channels } = await serveChannels();
    const client = await testSse(app, "/channels/kept-alive");
    await joined(channels, "a", 1);
    const { publish } = publisher(channels, "a");
    const until = performance.now() + 400;
    while (performance.now() < until) {
      await publish(1);
      await client.next();
    }
    expect(client.comments).toEqual([]);
    // And it comes when there is silence.
    await vi.waitFor(() => expect(client.comments).toContain("keep-alive"));
  });
});

describe("a client that reads too slowly", () => {
  it("H5: is disconnected, and gets the rest when it resumes, or is told", async () => {
    const { app, channels } = await serveChannels({
      channels: { maxBufferedBytes: 500_000, history: { bytes: 200_000_000, count: 100_000 } },
    });
    const slow = await stoppedClient(app, "/channels/a");
    const quick = await testSse(app, "/channels/a");
    await joined(channels, "a", 2);
    const channel = channels.get<{ big: string }>("a");
    for (let n = 1; n <= 200; n++) {
      await channel.publish({ event: "big", data: `${n} ${"x".repeat(50_000)}` });
      await quick.next();
    }
    await joined(channels, "a", 1);
    slow.socket.resume();
    await slow.closed();
    const seen = wholeEvents(slow.received);
    const back = await testSse(app, "/channels/a", { lastEventId: seen.at(-1)!.id });
    const rest = await back.take(200 - seen.length);
    const all = [...seen, ...rest].map(({ data }) => Number.parseInt(data));
    expect(all).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });

  it("H5: with `latest`, goes on with the newest event and is told of the others", async () => {
    const { app, channels } = await serveChannels({ channels: { maxBufferedBytes: 500_000 } });
    const slow = await stoppedClient(app, "/channels/latest");
    await joined(channels, "a", 1);
    const channel = channels.get<{ big: string }>("a");
    for (let n = 1; n <= 300; n++) {
      await channel.publish({ event: "big", data: `${n} ${"x".repeat(50_000)}` });
      await new Promise(setImmediate);
    }
    slow.socket.resume();
    await slow.until(({ received }) => received.includes("data: 300 "));
    expect(channel.subscribers).toBe(1);
    expect(channel.skipped).toBeGreaterThan(0);
    const reset = /event: sluice\.reset\nid: .*\ndata: (.*)\n/.exec(slow.received)!;
    const { skipped, ...rest } = JSON.parse(reset[1]!) as { skipped: number };
    expect(rest).toEqual({ channels: ["a"], reason: "skipped" });
    const seen = slow.received.match(/^data: \d+ /gm)!.length;
    expect(seen + skipped).toBe(300);
  });
});

describe("the plugin's option `channels`", () => {
  @Controller("own")
  class OwnController {
    constructor(readonly channels: Channels) {}

    @Sse()
    join() {
      return this.channels.get("own");
    }
  }

  it("sets up the channels that are injected, and closes their broker with the application", async () => {
    const broker = { ...fakeBroker(), close: vi.fn() };
    const app = makeApp();
    await serve(OwnController, { channels: { broker } }, app);
    const client = await testSse(app, "/own");
    await vi.waitFor(() => expect(client.lastEventId).toBe("9"));
    await client.disconnect();
    await app.close();
    expect(broker.close).toHaveBeenCalledOnce();
  });

  it("refuses a wrong value at the start", async () => {
    const app: FastifyInstance = Fastify();
    const options = { channels: { overflow: "drop" } } as never;
    await expect(serve(OwnController, options, app)).rejects.toThrow(
      expect.objectContaining({
        code: "ERR_OPTION",
        message: expect.stringContaining('channels: overflow must be "disconnect" or "skip"'),
      }),
    );
  });

  it("ends a stream whose broker can't be reached, and lets the client come back", async () => {
    const broker = { ...fakeBroker(), follow: () => Promise.reject(new Error("down")) };
    const app = makeApp();
    await serve(OwnController, { channels: { broker } }, app);
    const client = await testSse(app, "/own");
    expect(await client.ended).toBe(true);
    expect(client.isComplete).toBe(false);
  });
});

function fakeBroker() {
  return {
    publish: () => "10",
    follow: () => ({ position: "9", ended: undefined, stop: () => undefined }),
    read: () => ({ entries: [] }),
    rewind: () => "9",
    close: () => undefined,
  };
}

function publisher(channels: Channels, name: string) {
  const channel = channels.get<Ticks>(name);
  let last = 0;
  return {
    publish: async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) await channel.publish(tick(++last));
    },
  };
}

function isOf(chunk: unknown, text: string): boolean {
  return Buffer.isBuffer(chunk) && chunk.includes(text);
}

/** The events of a channel that were received as a whole, the last one perhaps not. */
function wholeEvents(received: string): { readonly id: string; readonly data: string }[] {
  const text = received.replaceAll(/\r\n[0-9a-f]+\r\n/g, "");
  return [...text.matchAll(/^id: (.*)\nevent: big\ndata: (.*)\n\n/gm)].map(([, id, data]) => ({
    id: id!,
    data: data!,
  }));
}
