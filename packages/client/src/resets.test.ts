import { Channels, Controller, MemoryBroker, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify from "fastify";
import "reflect-metadata";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { hear, settled } from "../test/listening.js";
import { script } from "../test/on-a-fake-clock.js";
import { Page } from "../test/page.js";
import { startPeer } from "../test/peer.js";
import { Inbox, Told } from "../test/told.js";
import { connect, type Reset } from "./index.js";

const event = (n: number): string => `id: ${n}\ndata: ${n}\n\n`;
const LOST: Reset = { channels: ["room:tea"], reason: "lost" };
const reset = (id: number | string, what: Reset = LOST): string =>
  `event: sluice.reset\nid: ${id}\ndata: ${JSON.stringify(what)}\n\n`;

describe("a reset", () => {
  it("is told with what the server says of it, and with the client", async () => {
    const peer = await startPeer((visit) => visit.open(reset(1, { ...LOST, skipped: 3 })));
    const told = new Inbox<unknown[]>();
    const client = connect(peer.url, { onReset: (...args) => told.put(args) });
    const events = hear(client);
    expect(await told.next()).toEqual([
      { channels: ["room:tea"], reason: "lost", skipped: 3 },
      client,
    ]);
    expect(events.all).toEqual([]);
  });

  it("is told when all before it was heard, and before anything after it is", async () => {
    const peer = await startPeer((visit) => visit.open(event(1) + reset(2) + event(3)));
    const story: unknown[] = [];
    const client = connect(peer.url, { onReset: () => void story.push("reset") });
    client.on(({ data }) => story.push(data));
    await hear(client).take(2);
    expect(story).toEqual([1, "reset", 3]);
  });

  it("is told when every loop is done with all before it, also with the one that it is at", async () => {
    const peer = await startPeer((visit) => visit.open(event(1) + event(2) + reset(3) + event(4)));
    const story: string[] = [];
    const steps = new Inbox<void>();
    const client = connect(peer.url, { onReset: () => void story.push("reset") });
    const loop = async (name: string, slow?: Inbox<void>): Promise<void> => {
      for await (const { data } of client) {
        story.push(`${name} takes ${String(data)}`);
        await slow?.next();
        story.push(`${name} has ${String(data)}`);
        if (data === 4) break;
      }
    };
    const loops = [loop("quick"), loop("slow", steps)];
    await vi.waitUntil(() => story.includes("slow takes 1") && story.includes("quick has 2"));
    steps.put();
    await vi.waitUntil(() => story.includes("slow takes 2"));
    expect(story).not.toContain("reset");
    steps.put();
    steps.put();
    await Promise.all(loops);
    const at = (what: string): number => story.indexOf(what);
    expect(at("reset")).toBeGreaterThan(at("slow has 2"));
    expect(at("reset")).toBeGreaterThan(at("quick has 2"));
    expect(at("reset")).toBeLessThan(at("slow takes 4"));
    expect(at("reset")).toBeLessThan(at("quick takes 4"));
  });

  it("is told when a loop that it waited for is left", async () => {
    const peer = await startPeer((visit) => visit.open(event(1) + event(2) + reset(3) + event(4)));
    const told = new Inbox<Reset>();
    const client = connect(peer.url, { onReset: told.put });
    const events = hear(client);
    for await (const { data } of client) {
      expect(data).toBe(1);
      await events.until((all) => all.length === 2);
      expect(told.all).toEqual([]);
      break;
    }
    await told.next();
    expect(await events.take(3)).toMatchObject([{ data: 1 }, { data: 2 }, { data: 4 }]);
  });

  it("holds up what follows until its promise is resolved, and only then is its id the last", async () => {
    const peer = await startPeer((visit) => visit.open(event(1) + reset(2) + event(3)));
    const [begun, restored] = [new Told(), new Told()];
    const client = connect(peer.url, {
      async onReset() {
        begun.tell();
        await restored.promise;
      },
    });
    const events = hear(client);
    await begun.promise;
    expect(client.lastEventId).toBe("1");
    const visit = await peer.visits.next();
    await new Promise((done) => visit.response.write(event(4), done));
    expect(events.all).toHaveLength(1);
    restored.tell();
    expect(await events.take(3)).toMatchObject([{ data: 1 }, { data: 3 }, { data: 4 }]);
  });

  it("that fails is told again, for the client comes back from where it was", async () => {
    const { calls, client, states } = script({
      onReset: () => (++times < 3 ? Promise.reject(new Error("no state")) : undefined),
    });
    let times = 0;
    const events = hear(client);
    (await calls.next()).open(event(1) + reset(2) + event(3));
    await vi.advanceTimersByTimeAsync(0);
    expect(client.error).toMatchObject({
      code: "ERR_RESET",
      message: "http://sluice.test/stream: onReset failed: Error: no state",
      cause: new Error("no state"),
    });
    await vi.advanceTimersByTimeAsync(500);
    const second = await calls.next();
    expect(second.headers.get("last-event-id")).toBe("1");
    second.open(reset(5) + event(6));
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(1_000);
    const third = await calls.next();
    expect(third.headers.get("last-event-id")).toBe("1");
    third.open(reset(7) + event(8));
    await vi.advanceTimersByTimeAsync(0);
    expect(events.all.map(({ data }) => data)).toEqual([1, 8]);
    expect(client.lastEventId).toBe("8");
    expect(states.all.filter((state) => state.includes("ERR_RESET"))).toEqual([
      "waiting ERR_RESET 500",
      "waiting ERR_RESET 1000",
    ]);
  });

  it("that throws at once is told again too", async () => {
    const { calls, client } = script({
      onReset() {
        throw new Error("no state");
      },
    });
    (await calls.next()).open(reset(2));
    await vi.advanceTimersByTimeAsync(0);
    expect(client.error).toMatchObject({ code: "ERR_RESET", cause: new Error("no state") });
    expect(client.lastEventId).toBe("");
  });

  it("ends a client that is not to come back, where it fails", async () => {
    const { calls, ended } = script({
      reconnect: false,
      onReset: () => Promise.reject(new Error("no state")),
    });
    (await calls.next()).open(reset(2));
    expect(await ended).toMatchObject({ code: "ERR_RESET" });
  });

  it("is a warning of a client without onReset, which goes on from there", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    const { calls, client } = script();
    const events = hear(client);
    (await calls.next()).open(event(1) + reset(2));
    await vi.advanceTimersByTimeAsync(0);
    expect(client.lastEventId).toBe("2");
    calls.all[0]!.send(event(3));
    await vi.advanceTimersByTimeAsync(0);
    expect(events.all.map(({ data }) => data)).toEqual([1, 3]);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/events are missing: .*onReset/)]]);
  });

  it("counts as something that has come", async () => {
    const { calls, states } = script();
    (await calls.next()).fail();
    await vi.advanceTimersByTimeAsync(1_000);
    calls.all[1]!.open(reset(1)).end();
    await vi.advanceTimersByTimeAsync(0);
    expect(states.all.at(-1)).toBe("waiting ERR_DISCONNECTED 500");
  });

  it("H3: gives the state that came with it, although the connection is let go meanwhile", async () => {
    const page = new Page();
    const restored = new Told();
    const { calls, client } = script({ onReset: () => restored.promise });
    const events = hear(client);
    // A server sends both in one write, with one id: who has the id has the state.
    (await calls.next()).open(`${reset(9)}event: state\nid: 9\ndata: {"all":1}\n\n`);
    await vi.advanceTimersByTimeAsync(0);
    page.goOffline();
    page.goOnline();
    restored.tell();
    await vi.advanceTimersByTimeAsync(500);
    expect(events.all).toEqual([{ event: "state", data: { all: 1 }, id: "9" }]);
    expect(calls.all[1]!.headers.get("last-event-id")).toBe("9");
  });

  it("gives the state that came with it, although the server is gone meanwhile", async () => {
    const restored = new Told();
    const { calls, client } = script({ onReset: () => restored.promise });
    const events = hear(client);
    const first = (await calls.next()).open(`${reset(9)}event: state\nid: 9\ndata: {"all":1}\n\n`);
    await vi.advanceTimersByTimeAsync(0);
    first.cut();
    restored.tell();
    await vi.advanceTimersByTimeAsync(500);
    expect(events.all).toHaveLength(1);
    expect(calls.all[1]!.headers.get("last-event-id")).toBe("9");
  });
});

describe("a position", () => {
  it("moves the last id, and is told to nobody", async () => {
    const { calls, client } = script({ onReset: () => void expect.unreachable() });
    const events = hear(client);
    const first = (await calls.next()).open("event: sluice.position\nid: 40\ndata: {}\n\n");
    await vi.advanceTimersByTimeAsync(0);
    expect(client.lastEventId).toBe("40");
    expect(events.all).toEqual([]);
    first.end();
    await vi.advanceTimersByTimeAsync(500);
    expect(calls.all[1]!.headers.get("last-event-id")).toBe("40");
  });
});

describe("with a channel", () => {
  /** A server of one channel, with so short a history. */
  async function serve(count: number) {
    const channels = new Channels({ broker: new MemoryBroker(), history: { count } });
    const room = channels.get<{ said: { n: number } }>("room:tea");

    @Controller("rooms")
    class RoomsController {
      @Sse("tea", { retry: 10 })
      tea() {
        return room;
      }
    }

    const app = Fastify();
    await app.register(sluice, {
      controllers: [RoomsController],
      providers: [{ provide: Channels, useValue: channels }],
    });
    onTestFinished(() => app.close());
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    return {
      url: `${url}/rooms/tea`,
      room,
      say: (n: number) => room.publish({ event: "said", data: { n } }),
    };
  }

  it("a client whose events have left the history is told, and has all that comes then", async () => {
    const { url, room, say } = await serve(2);
    const { id } = await say(1);
    for (let n = 2; n <= 5; n++) await say(n);
    const told = new Inbox<Reset>();
    const client = connect(url, { lastEventId: id, onReset: told.put });
    const events = hear(client);
    expect(await told.next()).toEqual({ channels: ["room:tea"], reason: "trimmed" });
    await vi.waitUntil(() => room.subscribers === 1);
    await say(6);
    expect((await events.next()).data).toEqual({ n: 6 });
  });

  it("a client with an id that is none is told", async () => {
    const { url } = await serve(2);
    const told = new Inbox<Reset>();
    const client = connect(url, { lastEventId: "tea", onReset: told.put });
    hear(client);
    expect(await told.next()).toEqual({ channels: ["room:tea"], reason: "malformed" });
    await vi.waitUntil(() => client.lastEventId !== "tea");
  });

  it("a client ends when the channel does", async () => {
    const { url, room, say } = await serve(10);
    const client = connect(url);
    void settled(client);
    const taken: unknown[] = [];
    const looped = (async () => {
      for await (const { data } of client) taken.push(data);
    })();
    await vi.waitUntil(() => room.subscribers === 1);
    await say(1);
    await room.end();
    await looped;
    expect(taken).toEqual([{ n: 1 }]);
  });
});
