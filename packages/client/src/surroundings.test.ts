import { describe, expect, it, vi } from "vitest";
import type { FakeCall } from "../test/fake-fetch.js";
import { script } from "../test/on-a-fake-clock.js";
import { Page } from "../test/page.js";

describe("a page that is offline", () => {
  it("has its attempts go on, and makes one at once when the network is back", async () => {
    const page = new Page();
    const { calls, states } = script();
    (await calls.next()).fail();
    await vi.advanceTimersByTimeAsync(0);
    page.goOffline();
    expect(calls.all).toHaveLength(1);
    page.goOnline();
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.all).toHaveLength(2);
    expect(states.all).toEqual(["connecting", "waiting ERR_DISCONNECTED 1000", "connecting"]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls.all).toHaveLength(2);
  });

  it("lets go of a connection when the network is back, for it may be dead, and resumes", async () => {
    const page = new Page();
    const { calls, states, client } = script();
    const first = (await calls.next()).open("id: 4\ndata: 1\n\n");
    await vi.advanceTimersByTimeAsync(0);
    page.goOffline();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.state).toBe("open");
    page.goOnline();
    await vi.advanceTimersByTimeAsync(0);
    expect(first.isAborted).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(calls.all[1]!.headers.get("last-event-id")).toBe("4");
    expect(states.all).toEqual([
      "connecting",
      "open",
      "waiting ERR_DISCONNECTED 500",
      "connecting",
    ]);
  });

  it("keeps a connection where it hears that it is online, but was not offline", async () => {
    const page = new Page();
    const { calls, client } = script();
    const call = (await calls.next()).open();
    await vi.advanceTimersByTimeAsync(0);
    page.goOnline();
    await vi.advanceTimersByTimeAsync(0);
    expect(call.isAborted).toBe(false);
    expect(client.state).toBe("open");
  });

  it("loses nothing of what had come when it lets go", async () => {
    const page = new Page();
    const { calls, client } = script({ maxBuffered: 1 });
    const iterator = client[Symbol.asyncIterator]();
    (await calls.next()).open("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n");
    await vi.advanceTimersByTimeAsync(0);
    page.goOffline();
    page.goOnline();
    const taken: unknown[] = [];
    for (let n = 0; n < 3; n++) taken.push((await iterator.next()).value?.data);
    const waiting = iterator.next();
    await vi.advanceTimersByTimeAsync(500);
    expect(calls.all[1]!.headers.get("last-event-id")).toBe("3");
    calls.all[1]!.open("id: 4\ndata: 4\n\n");
    taken.push((await waiting).value?.data);
    expect(taken).toEqual([1, 2, 3, 4]);
  });
});

describe("a page that is hidden", () => {
  it("keeps its connection", async () => {
    const page = new Page();
    const { calls, client } = script();
    const call = (await calls.next()).open();
    await vi.advanceTimersByTimeAsync(0);
    page.hide();
    await vi.advanceTimersByTimeAsync(0);
    expect(call.isAborted).toBe(false);
    expect(client.state).toBe("open");
  });

  it("makes an attempt at once when it is seen again, where it waits for one", async () => {
    const page = new Page();
    const { calls } = script();
    page.hide();
    (await calls.next()).fail();
    await vi.advanceTimersByTimeAsync(0);
    page.show();
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.all).toHaveLength(2);
  });

  it.each([
    ["503 and Retry-After", (call: FakeCall) => call.answer(503, { "retry-after": "120" })],
    ["its `retry`", (call: FakeCall) => call.open("retry: 120000\n: hello\n").end()],
  ])("makes none sooner than the server asked for by %s", async (_name, answer) => {
    const page = new Page();
    const { calls, client } = script();
    answer(await calls.next());
    await vi.advanceTimersByTimeAsync(0);
    const { error } = client;
    page.hide();
    await vi.advanceTimersByTimeAsync(60_000);
    page.show();
    expect(client.state).toBe("waiting");
    expect(client.error).toBe(error);
    expect(client.retryAt).toBe(Date.now() + 60_000);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(calls.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls.all).toHaveLength(2);
  });

  it("makes one at once when the time that the server asked for is over", async () => {
    const page = new Page();
    const { calls } = script();
    (await calls.next()).answer(503, { "retry-after": "120" });
    page.hide();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(calls.all).toHaveLength(1);
    page.show();
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.all).toHaveLength(2);
  });

  it("waits as long as it is to where the network comes back while nobody sees it", async () => {
    const page = new Page();
    const { calls } = script();
    page.hide();
    page.goOffline();
    (await calls.next()).fail();
    await vi.advanceTimersByTimeAsync(0);
    page.goOnline();
    await vi.advanceTimersByTimeAsync(999);
    expect(calls.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls.all).toHaveLength(2);
  });

  it("lets go of its connection with `pauseWhenHidden`, and resumes when it is seen", async () => {
    const page = new Page();
    const { calls, client, states } = script({ pauseWhenHidden: true });
    const first = (await calls.next()).open("id: 5\ndata: 1\n\n");
    await vi.advanceTimersByTimeAsync(0);
    page.hide();
    await vi.advanceTimersByTimeAsync(0);
    expect(first.isAborted).toBe(true);
    expect(client.state).toBe("waiting");
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(calls.all).toHaveLength(1);
    expect(client.retryAt).toBeUndefined();
    page.show();
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.all[1]!.headers.get("last-event-id")).toBe("5");
    calls.all[1]!.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.state).toBe("open");
    expect(states.all).toEqual(["connecting", "open", "waiting", "connecting", "open"]);
  });

  it("makes no attempt with `pauseWhenHidden` before it is seen for the first time", async () => {
    const page = new Page();
    page.hide();
    const { calls, states } = script({ pauseWhenHidden: true });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(calls.all).toHaveLength(0);
    expect(states.all).toEqual(["waiting"]);
    page.show();
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.all).toHaveLength(1);
  });
});

describe("a client that is closed", () => {
  it("listens to its surroundings no more", async () => {
    const page = new Page();
    const { calls, client } = script();
    (await calls.next()).fail();
    await vi.advanceTimersByTimeAsync(0);
    expect(page.listeners).toBe(3);
    client.close();
    expect(page.listeners).toBe(0);
    page.goOffline();
    page.goOnline();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(calls.all).toHaveLength(1);
  });

  it.each(["complete", "given up"])("listens no more where it was %s", async (how) => {
    const page = new Page();
    const { calls, ended } = script();
    (await calls.next()).answer(how === "complete" ? 204 : 404);
    await ended;
    expect(page.listeners).toBe(0);
  });
});

describe("where little is known of the surroundings", () => {
  it.each([
    ["no navigator", undefined],
    ["one that says nothing of the network", {}],
  ])("a client works with %s", async (_name, navigator) => {
    const page = new Page();
    vi.stubGlobal("navigator", navigator);
    const { calls, client } = script();
    page.hide();
    (await calls.next()).fail();
    await vi.advanceTimersByTimeAsync(0);
    page.show();
    await vi.advanceTimersByTimeAsync(0);
    (await calls.next()).open();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.state).toBe("open");
  });
});
