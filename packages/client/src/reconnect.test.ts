import { describe, expect, it, vi } from "vitest";
import { type FakeCall, FakeFetch } from "../test/fake-fetch.js";
import { hear, settled } from "../test/listening.js";
import { type Scripted, script, stopClock } from "../test/on-a-fake-clock.js";
import { startPeer } from "../test/peer.js";
import { connect, SseClientError } from "./index.js";

const DONE = 'event: sluice.end\nid: 1#end\ndata: {"outcome":"done"}\n\n';

/** Checks that the next attempt is made after so many milliseconds, and no sooner. */
async function expectAttemptAfter({ calls }: Scripted, ms: number): Promise<FakeCall> {
  const before = calls.all.length;
  await vi.advanceTimersByTimeAsync(ms - 1);
  expect(calls.all).toHaveLength(before);
  await vi.advanceTimersByTimeAsync(1);
  expect(calls.all).toHaveLength(before + 1);
  return calls.next();
}

describe("a stream that is lost", () => {
  it("is opened again after a part of the delay, from the last id, and tells each state", async () => {
    const scripted = script();
    const first = await scripted.calls.next();
    first.open("id: 7\ndata: 1\n\n");
    await vi.advanceTimersByTimeAsync(0);
    first.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(scripted.client.error).toMatchObject({
      code: "ERR_DISCONNECTED",
      message: "http://sluice.test/stream: the stream ended before it was complete",
    });
    const second = await expectAttemptAfter(scripted, 500);
    expect(second.headers.get("last-event-id")).toBe("7");
    second.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(scripted.client.error).toBeUndefined();
    expect(scripted.client.retryAt).toBeUndefined();
    expect(scripted.states.all).toEqual([
      "connecting",
      "open",
      "waiting ERR_DISCONNECTED 500",
      "connecting",
      "open",
    ]);
  });

  it("tells what broke it off as the cause", async () => {
    const scripted = script();
    (await scripted.calls.next()).fail(new TypeError("fetch failed"));
    await vi.advanceTimersByTimeAsync(0);
    expect(scripted.client.error).toBeInstanceOf(SseClientError);
    expect(scripted.client.error).toMatchObject({
      code: "ERR_DISCONNECTED",
      message: "http://sluice.test/stream: the attempt failed: TypeError: fetch failed",
      cause: new TypeError("fetch failed"),
    });
  });

  it("is opened never sooner than the server's `retry` says, also after many attempts", async () => {
    const scripted = script();
    const first = (await scripted.calls.next()).open("retry: 5000\n: hello\n");
    await vi.advanceTimersByTimeAsync(0);
    first.end();
    const second = await expectAttemptAfter(scripted, 5_000 + 2_500);
    second.fail();
    const third = await expectAttemptAfter(scripted, 5_000 + 5_000);
    third.fail();
    await expectAttemptAfter(scripted, 5_000 + 10_000);
  });

  it("follows the `retry` that was told last", async () => {
    const scripted = script();
    const first = (await scripted.calls.next()).open("retry: 60000\nretry: 200\n: hello\n");
    await vi.advanceTimersByTimeAsync(0);
    first.cut();
    await expectAttemptAfter(scripted, 300);
  });

  it("waits up to twice as long with each failure, as far as maxDelay", async () => {
    const scripted = script({ reconnect: { delay: 100, maxDelay: 1_000 } });
    let call = await scripted.calls.next();
    for (const delay of [100, 200, 400, 500, 500]) {
      call.fail();
      call = await expectAttemptAfter(scripted, delay);
    }
  });

  it.each([
    ["an event", "data: 1\n\n"],
    ["a comment", ": hello\n"],
  ])("has failed for nothing once %s has come", async (_name, text) => {
    const scripted = script({ reconnect: { delay: 100 } });
    for (const delay of [100, 200, 400]) {
      (await scripted.calls.next()).fail();
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(scripted.client.state).toBe("waiting");
      await vi.advanceTimersByTimeAsync(1);
    }
    const works = (await scripted.calls.next()).open(text);
    await vi.advanceTimersByTimeAsync(0);
    works.end();
    await expectAttemptAfter(scripted, 50);
  });

  it("counts an answer that brings nothing as a failure, as a server sends that is too busy", async () => {
    const scripted = script();
    let call = await scripted.calls.next();
    for (const delay of [100 + 100, 100 + 200, 100 + 400]) {
      call.open("retry: 100\n").end();
      call = await expectAttemptAfter(scripted, delay);
    }
  });

  it("is given up after `maxAttempts` that failed in a row, with what the last met", async () => {
    const scripted = script({ reconnect: { maxAttempts: 3 } });
    const works = (await scripted.calls.next()).open("data: 1\n\n");
    await vi.advanceTimersByTimeAsync(0);
    works.end();
    for (let attempt = 0; attempt < 3; attempt++) {
      await vi.advanceTimersByTimeAsync(30_000);
      (await scripted.calls.next()).fail(new TypeError(`failed ${attempt}`));
    }
    expect(await scripted.ended).toMatchObject({
      code: "ERR_DISCONNECTED",
      cause: new TypeError("failed 2"),
    });
    expect(scripted.client.state).toBe("closed");
    expect(scripted.client.retryAt).toBeUndefined();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(scripted.calls.all).toHaveLength(4);
  });

  it("is given up at once with `reconnect: false`", async () => {
    const scripted = script({ reconnect: false });
    const works = (await scripted.calls.next()).open("data: 1\n\n");
    await vi.advanceTimersByTimeAsync(0);
    works.end();
    expect(await scripted.ended).toMatchObject({ code: "ERR_DISCONNECTED" });
    expect(scripted.states.all).toEqual(["connecting", "open", "closed ERR_DISCONNECTED"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(["POST", "PUT"])("is given up at once where it was a %s", async (method) => {
    const scripted = script({ method, body: { n: 1 } });
    (await scripted.calls.next()).fail();
    expect(await scripted.ended).toMatchObject({ code: "ERR_DISCONNECTED" });
  });

  it("counts headers that could not be had as a failed attempt", async () => {
    let attempts = 0;
    const scripted = script({
      headers: () => {
        if (++attempts < 3) return Promise.reject(new Error("no token"));
        return { authorization: "Bearer 3" };
      },
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(scripted.client.error).toMatchObject({
      code: "ERR_DISCONNECTED",
      cause: new Error("no token"),
    });
    await vi.advanceTimersByTimeAsync(1_000);
    const call = await expectAttemptAfter(scripted, 2_000);
    expect(call.headers.get("authorization")).toBe("Bearer 3");
    expect(scripted.states.all).toEqual([
      "connecting",
      "waiting ERR_DISCONNECTED 1000",
      "connecting",
      "waiting ERR_DISCONNECTED 2000",
      "connecting",
    ]);
  });

  it("counts headers that throw at once as a failed attempt", async () => {
    const scripted = script({
      headers: () => {
        throw new Error("no token");
      },
      reconnect: { maxAttempts: 2 },
    });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await scripted.ended).toMatchObject({ cause: new Error("no token") });
    expect(scripted.calls.all).toHaveLength(0);
  });
});

describe("a stream that is complete", () => {
  it("is not opened again after sluice.end, and keeps the last id without the mark", async () => {
    const scripted = script();
    (await scripted.calls.next()).open(`id: 1\ndata: 1\n\n${DONE}`);
    expect(await scripted.ended).toBeUndefined();
    expect(scripted.client.lastEventId).toBe("1");
    expect(scripted.states.all).toEqual(["connecting", "open", "closed"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not opened again after a 204", async () => {
    const scripted = script();
    (await scripted.calls.next()).answer(204);
    expect(await scripted.ended).toBeUndefined();
    expect(scripted.states.all).toEqual(["connecting", "closed"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["ERR_FAILED where the server's source failed for good", "failed", "ERR_FAILED"],
    ["ERR_CANCELLED where somebody has cancelled it", "cancelled", "ERR_CANCELLED"],
  ])("fails with %s", async (_, outcome, code) => {
    const scripted = script();
    (await scripted.calls.next()).open(DONE.replace("done", outcome));
    expect(await scripted.ended).toMatchObject({
      code,
      message: `http://sluice.test/stream: the server ended it as ${outcome}`,
    });
  });

  it("lets go of a connection that is kept open after the end", async () => {
    const scripted = script();
    const call = (await scripted.calls.next()).open(DONE);
    await scripted.ended;
    expect(call.isAborted).toBe(true);
  });
});

describe("a connection that breaks", () => {
  it("in the midst of an event gives no part of it, and the event comes whole after it", async () => {
    const peer = await startPeer();
    const events = hear(connect(peer.url, { reconnect: { delay: 0 } }));
    const first = await peer.visits.next();
    await first.open("id: 1\ndata: one\n\n").cut("id: 2\nevent: tick\ndata: tw");
    const second = await peer.visits.next();
    expect(second.lastEventId).toBe("1");
    second.open("id: 2\nevent: tick\ndata: two\n\n");
    expect(await events.take(2)).toEqual([
      { event: "message", data: "one", id: "1" },
      { event: "tick", data: "two", id: "2" },
    ]);
  });

  it("in the midst of a character gives no part of it either", async () => {
    const peer = await startPeer();
    const events = hear(connect(peer.url, { reconnect: { delay: 0 } }));
    const first = await peer.visits.next();
    first.open("id: 1\ndata: 1\n\ndata: ").send(new Uint8Array([0xe6, 0x97]));
    first.end();
    (await peer.visits.next()).open("data: 日\n\n");
    expect(await events.take(2)).toMatchObject([{ data: 1 }, { data: "日" }]);
  });

  it("is made anew when the server is back, after it refused connections", async () => {
    const peer = await startPeer();
    const port = Number(new URL(peer.url).port);
    const waits: (string | undefined)[] = [];
    const client = connect(peer.url, {
      reconnect: { delay: 10 },
      onStateChange: (state) => void (state === "waiting" && waits.push(client.error?.code)),
    });
    const events = hear(client);
    const first = await peer.visits.next();
    first.open("id: 1\ndata: 1\n\n");
    await events.next();
    await peer.close();
    await vi.waitUntil(() => waits.length > 2);
    const again = await startPeer(undefined, port);
    const second = await again.visits.next();
    expect(second.lastEventId).toBe("1");
    second.open("id: 2\ndata: 2\n\n");
    expect(await events.next()).toMatchObject({ data: 2 });
    expect(new Set(waits)).toEqual(new Set(["ERR_DISCONNECTED"]));
  });

  it("is given up where nobody answers and it is not to be tried again", async () => {
    const peer = await startPeer();
    await peer.close();
    const error = await settled(connect(peer.url, { reconnect: false }));
    expect(error).toMatchObject({ code: "ERR_DISCONNECTED", cause: new TypeError("fetch failed") });
  });
});

describe("a client that nobody listens to", () => {
  it("is opened at once all the same, after the caller's turn", async () => {
    stopClock();
    const { fetch, calls } = new FakeFetch();
    const client = connect("http://sluice.test/", { fetch });
    void settled(client);
    expect(client.state).toBe("connecting");
    expect(calls.all).toHaveLength(0);
    await calls.next();
  });
});
