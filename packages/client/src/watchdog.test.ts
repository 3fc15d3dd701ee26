import { describe, expect, it, vi } from "vitest";
import { FakeFetch } from "../test/fake-fetch.js";
import { settled } from "../test/listening.js";
import { script, stopClock } from "../test/on-a-fake-clock.js";
import { Told } from "../test/told.js";
import { connect } from "./index.js";

describe("a connection that is silent", () => {
  it("is cut after 45 seconds, and made anew from the last id", async () => {
    const { calls, states } = script();
    const first = (await calls.next()).open("id: 3\ndata: 1\n\n");
    await vi.advanceTimersByTimeAsync(44_999);
    expect(first.isAborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(first.isAborted).toBe(true);
    expect(states.all.at(-1)).toBe("waiting ERR_SILENT 500");
    await vi.advanceTimersByTimeAsync(500);
    expect((await calls.all[1]!).headers.get("last-event-id")).toBe("3");
  });

  it("is cut after `silenceTimeout`, which the error tells", async () => {
    const { calls, client } = script({ silenceTimeout: 2_000 });
    (await calls.next()).open();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(client.error).toMatchObject({
      code: "ERR_SILENT",
      message: "http://sluice.test/stream: nothing was heard for 2000 ms",
    });
  });

  it("is not cut while keep-alives come, however small the pieces", async () => {
    const { calls, client } = script({ silenceTimeout: 2_000 });
    const call = (await calls.next()).open();
    for (const character of ": keep-alive\n".repeat(5)) {
      await vi.advanceTimersByTimeAsync(1_900);
      call.send(character);
    }
    await vi.advanceTimersByTimeAsync(1_999);
    expect(client.state).toBe("open");
    await vi.advanceTimersByTimeAsync(1);
    expect(client.state).toBe("waiting");
  });

  it("is cut also where not even an answer comes", async () => {
    const { calls, states } = script({ silenceTimeout: 2_000 });
    const call = await calls.next();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(call.isAborted).toBe(true);
    expect(states.all).toEqual(["connecting", "waiting ERR_SILENT 1000"]);
  });

  it("is told as silent also by a fetch that rejects with a reason of its own", async () => {
    const { fetch, calls } = new FakeFetch();
    const { client } = script({
      silenceTimeout: 2_000,
      fetch: async (url, init) => {
        const own = new AbortController();
        init!.signal!.addEventListener("abort", () =>
          own.abort(new DOMException("The body was aborted", "AbortError")),
        );
        return await fetch(url, { ...init, signal: own.signal });
      },
    });
    (await calls.next()).open();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(client.error).toMatchObject({ code: "ERR_SILENT" });
  });

  it("is cut also where headers are never had", async () => {
    let attempts = 0;
    const { calls, states } = script({
      silenceTimeout: 2_000,
      headers: () => (++attempts === 1 ? new Promise(() => {}) : {}),
    });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(states.all).toEqual(["connecting", "waiting ERR_SILENT 1000"]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls.all).toHaveLength(1);
  });

  it("is cut also where the body of a refusal does not come", async () => {
    const { calls, states } = script({ silenceTimeout: 2_000 });
    (await calls.next()).open("", { "content-type": "text/plain", "content-length": "10" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(states.all.at(-1)).toBe("waiting ERR_SILENT 1000");
  });

  it.each([false, Infinity, 2 ** 31] as const)("is never cut with %s", async (silenceTimeout) => {
    const { calls, client } = script({ silenceTimeout });
    (await calls.next()).open();
    await vi.advanceTimersByTimeAsync(10 * 24 * 3_600_000);
    expect(client.state).toBe("open");
    expect(calls.all).toHaveLength(1);
  });

  it("is not cut while a loop holds up the reading, and only so long after it went on", async () => {
    const { calls, client } = script({ silenceTimeout: 2_000, maxBuffered: 1 });
    const iterator = client[Symbol.asyncIterator]();
    (await calls.next()).open("data: 1\n\ndata: 2\n\ndata: 3\n\n");
    await vi.advanceTimersByTimeAsync(100_000);
    expect(client.state).toBe("open");
    for (let n = 1; n <= 3; n++) expect((await iterator.next()).value?.data).toBe(n);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(client.state).toBe("open");
    await vi.advanceTimersByTimeAsync(1);
    expect(client.state).toBe("waiting");
  });

  it("is not cut while data is read, or while onReset takes its time", async () => {
    const parsed = new Told();
    const restored = new Told();
    const { calls, client } = script({
      silenceTimeout: 2_000,
      parse: { message: () => parsed.promise },
      onReset: () => restored.promise,
    });
    (await calls.next()).open(
      'data: 1\n\nevent: sluice.reset\nid: 2\ndata: {"channels":[],"reason":"lost"}\n\n',
    );
    await vi.advanceTimersByTimeAsync(100_000);
    parsed.tell();
    await vi.advanceTimersByTimeAsync(100_000);
    restored.tell();
    await vi.advanceTimersByTimeAsync(1_999);
    expect(client.state).toBe("open");
    await vi.advanceTimersByTimeAsync(1);
    expect(client.state).toBe("waiting");
  });

  it("is not cut while nobody listens", async () => {
    stopClock();
    const { fetch, calls } = new FakeFetch();
    const client = connect("http://sluice.test/", { fetch, silenceTimeout: 2_000 });
    void settled(client);
    (await calls.next()).open("data: 1\n\n");
    await vi.advanceTimersByTimeAsync(100_000);
    expect(client.state).toBe("open");
  });
});
