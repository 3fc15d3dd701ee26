import { getEventListeners } from "node:events";
import { watchLeaks } from "@sluice/testing";
import { describe, expect, it, vi } from "vitest";
import { FakeFetch } from "../test/fake-fetch.js";
import { hear, settled } from "../test/listening.js";
import { script, stopClock } from "../test/on-a-fake-clock.js";
import { startPeer } from "../test/peer.js";
import { Inbox, Told } from "../test/told.js";
import { type ClientState, type ConnectOptions, connect, type SseClient } from "./index.js";

const RESET = 'event: sluice.reset\nid: 9\ndata: {"channels":[],"reason":"lost"}\n\n';

/** Checks that a client which was closed is so for good: nothing more is asked for, told, or waited for. */
async function expectClosed(client: SseClient, { calls }: FakeFetch): Promise<void> {
  const asked = calls.all.length;
  const { lastEventId } = client;
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(client.state).toBe("closed");
  expect(client.error).toBeUndefined();
  expect(client.retryAt).toBeUndefined();
  expect(client.lastEventId).toBe(lastEventId);
  expect(calls.all).toHaveLength(asked);
  for (const call of calls.all) expect(call.isAborted).toBe(true);
  await client.closed;
}

/** A client whose fetch and clock are the test's. */
function follow(options: ConnectOptions = {}): { client: SseClient; fakes: FakeFetch } {
  stopClock();
  const fakes = new FakeFetch();
  const client = connect("http://sluice.test/", { ...options, fetch: fakes.fetch });
  return { client, fakes };
}

describe("close()", () => {
  it("before the first microtask makes no request", async () => {
    const { client, fakes } = follow();
    client.close();
    await expectClosed(client, fakes);
    expect(fakes.calls.all).toHaveLength(0);
  });

  it("works twice, without its `this`, and after the end", async () => {
    const states = new Inbox<ClientState>();
    const { client, fakes } = follow({ onStateChange: states.put });
    const { close } = client;
    close();
    close();
    await expectClosed(client, fakes);
    close();
    expect(states.all).toEqual(["closed"]);
  });

  it("while headers are waited for makes no request", async () => {
    const headers = new Told<HeadersInit>();
    const asked = new Told();
    const { client, fakes } = follow({
      headers() {
        asked.tell();
        return headers.promise;
      },
    });
    await asked.promise;
    client.close();
    headers.tell({});
    await expectClosed(client, fakes);
    expect(client.lastEventId).toBe("");
  });

  it("while headers are waited for, which then fail, is no unhandled rejection", async () => {
    const headers = new Told<HeadersInit>();
    const { client, fakes } = follow({ headers: () => headers.promise });
    await vi.advanceTimersByTimeAsync(0);
    client.close();
    headers.fail(new Error("no token"));
    await expectClosed(client, fakes);
  });

  it("while the answer is waited for aborts the request", async () => {
    const { client, fakes } = follow();
    await fakes.calls.next();
    client.close();
    await expectClosed(client, fakes);
  });

  it.each([200, 204, 401])(
    "is for good also where fetch knows no signals, and gives %i",
    async (status) => {
      stopClock();
      const answer = new Told<Response>();
      const asked = new Told();
      const client = connect("http://sluice.test/", {
        fetch: () => {
          asked.tell();
          return answer.promise;
        },
      });
      const ended = settled(client);
      await asked.promise;
      client.close();
      const body = status === 200 ? "data: 1\n\n" : null;
      answer.tell(new Response(body, { status, headers: { "content-type": "text/event-stream" } }));
      await vi.advanceTimersByTimeAsync(0);
      expect(await ended).toBeUndefined();
      expect(client.state).toBe("closed");
      expect(client.error).toBeUndefined();
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it("while the body of a refusal is waited for goes before it", async () => {
    const { client, fakes } = follow();
    (await fakes.calls.next()).open("", { "content-type": "text/plain", "content-length": "9" });
    await vi.advanceTimersByTimeAsync(0);
    client.close();
    await expectClosed(client, fakes);
  });

  it("while the stream is open aborts it", async () => {
    const { client, fakes } = follow();
    const events = hear(client);
    (await fakes.calls.next()).open("id: 1\ndata: 1\n\n");
    await events.next();
    client.close();
    await expectClosed(client, fakes);
  });

  it("while the next attempt is waited for stops the timer", async () => {
    const { client, fakes } = follow();
    (await fakes.calls.next()).fail();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.state).toBe("waiting");
    client.close();
    await expectClosed(client, fakes);
  });

  it("while nobody listens yet drops what has come", async () => {
    const { client, fakes } = follow();
    (await fakes.calls.next()).open("id: 1\ndata: 1\n\n");
    await vi.advanceTimersByTimeAsync(0);
    client.close();
    const events = hear(client);
    await expectClosed(client, fakes);
    expect(events.all).toEqual([]);
    expect(client.lastEventId).toBe("");
  });

  it.each(["id: 1\ndata: 1\n\n", RESET])("in the turn of the first on() drops %j", async (text) => {
    const [onReset, message] = [vi.fn(), vi.fn()];
    const { client, fakes } = follow({ onReset, parse: { message } });
    (await fakes.calls.next()).open(text);
    await vi.advanceTimersByTimeAsync(0);
    const events = hear(client);
    client.close();
    await expectClosed(client, fakes);
    expect(events.all).toEqual([]);
    expect(onReset).not.toHaveBeenCalled();
    expect(message).not.toHaveBeenCalled();
  });

  it.each(["listener", "loop"])(
    "within a %s gives nothing more of what came with it",
    async (who) => {
      const read = vi.fn((data: string) => data);
      const { client, fakes } = follow({ parse: { message: read }, maxBuffered: 0 });
      const heard: unknown[] = [];
      const looped = (async () => {
        if (who === "listener")
          return void client.on(({ data }) => heard.push(data) && client.close());
        for await (const { data } of client) {
          heard.push(data);
          client.close();
        }
      })();
      (await fakes.calls.next()).open("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n");
      await vi.advanceTimersByTimeAsync(0);
      await looped;
      await expectClosed(client, fakes);
      expect(heard).toEqual(["1"]);
      expect(client.lastEventId).toBe("1");
      expect(read).toHaveBeenCalledTimes(1);
    },
  );

  it("while a loop holds up the reading drops what is held up", async () => {
    const { client, fakes } = follow({ maxBuffered: 1 });
    const iterator = client[Symbol.asyncIterator]();
    (await fakes.calls.next()).open("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n");
    await vi.advanceTimersByTimeAsync(0);
    client.close();
    await expectClosed(client, fakes);
    expect(client.lastEventId).toBe("1");
    expect(await iterator.next()).toMatchObject({ value: { data: 1 } });
    expect(await iterator.next()).toMatchObject({ done: true });
    expect(client.lastEventId).toBe("1");
  });

  it("while a reset waits for a loop tells it to nobody", async () => {
    const onReset = vi.fn();
    const { client, fakes } = follow({ onReset });
    const iterator = client[Symbol.asyncIterator]();
    (await fakes.calls.next()).open(`id: 1\ndata: 1\n\n${RESET}`);
    await vi.advanceTimersByTimeAsync(0);
    client.close();
    await iterator.next();
    await iterator.next();
    await expectClosed(client, fakes);
    expect(onReset).not.toHaveBeenCalled();
    expect(client.lastEventId).toBe("1");
  });

  it.each(["resolve", "reject"])("within onReset, whose promise then %ss", async (how) => {
    const restored = new Told();
    const { client, fakes } = follow({
      onReset(_reset, client) {
        client.close();
        return restored.promise;
      },
    });
    const events = hear(client);
    (await fakes.calls.next()).open(`${RESET}id: 10\ndata: 1\n\n`);
    await vi.advanceTimersByTimeAsync(0);
    if (how === "resolve") restored.tell();
    else restored.fail(new Error("no state"));
    await expectClosed(client, fakes);
    expect(events.all).toEqual([]);
  });

  it.each(["resolves", "rejects"])("while data is read, which then %s", async (how) => {
    const states = new Inbox<ClientState>();
    const parsed = new Told<number>();
    const { client, fakes } = follow({
      parse: { message: () => parsed.promise },
      onStateChange: states.put,
    });
    const events = hear(client);
    const iterator = client[Symbol.asyncIterator]();
    (await fakes.calls.next()).open("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n");
    await vi.advanceTimersByTimeAsync(0);
    client.close();
    if (how === "resolves") parsed.tell(1);
    else parsed.fail(new Error("bad"));
    await expectClosed(client, fakes);
    expect(events.all).toEqual([]);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(client.lastEventId).toBe("");
    expect(states.all).toEqual(["connecting", "open", "closed"]);
  });

  it.each<ClientState>(["connecting", "open", "waiting"])(
    "within onStateChange, when it is told %s",
    async (last) => {
      const headers = vi.fn(() => ({}));
      const states = new Inbox<ClientState>();
      const { client, fakes } = follow({
        headers,
        onStateChange(state, client) {
          states.put(state);
          if (state === last) client.close();
        },
      });
      const events = hear(client);
      void fakes.calls.next().then((call) => call.open("data: 1\n\n").end());
      await vi.advanceTimersByTimeAsync(0);
      await expectClosed(client, fakes);
      const order: ClientState[] = ["connecting", "open", "waiting", "closed"];
      expect(states.all).toEqual([...order.slice(0, order.indexOf(last) + 1), "closed"]);
      expect(events.all).toHaveLength(last === "waiting" ? 1 : 0);
      expect(headers).toHaveBeenCalledTimes(last === "connecting" ? 0 : 1);
    },
  );

  it("with the second attempt's first state makes no second attempt", async () => {
    let attempts = 0;
    const { client, fakes } = follow({
      onStateChange(state, client) {
        if (state === "connecting" && ++attempts === 2) client.close();
      },
    });
    (await fakes.calls.next()).fail();
    await vi.advanceTimersByTimeAsync(10_000);
    await expectClosed(client, fakes);
    expect(fakes.calls.all).toHaveLength(1);
  });
});

describe("what else closes a client", () => {
  it("is a signal, when it is aborted", async () => {
    const controller = new AbortController();
    const { client, fakes } = follow({ signal: controller.signal });
    await fakes.calls.next();
    controller.abort(new Error("enough"));
    await expectClosed(client, fakes);
  });

  it("is a signal that was aborted before", async () => {
    const states: unknown[] = [];
    const { client, fakes } = follow({
      signal: AbortSignal.abort(),
      onStateChange: (state, { lastEventId }) => states.push([state, lastEventId]),
      lastEventId: "5",
    });
    expect(client.state).toBe("closed");
    await expectClosed(client, fakes);
    expect(fakes.calls.all).toHaveLength(0);
    expect(states).toEqual([["closed", "5"]]);
    for await (const event of client) expect.unreachable(event.event);
  });

  it("is the end of the block that it was made in", async () => {
    stopClock();
    const fakes = new FakeFetch();
    let outside: SseClient;
    {
      using client = connect("http://sluice.test/", { fetch: fakes.fetch });
      outside = client;
      await fakes.calls.next();
      expect(client.state).toBe("connecting");
    }
    expect(outside.state).toBe("closed");
    await expectClosed(outside, fakes);
  });
});

describe("a client that has ended", () => {
  const answers = {
    complete: (visit) => visit.open('event: sluice.end\ndata: {"outcome":"done"}\n\n'),
    "complete before it began": (visit) => visit.answer(204),
    refused: (visit) => visit.answer(403, {}, "no"),
    failed: (visit) => visit.open('event: sluice.end\ndata: {"outcome":"failed"}\n\n'),
    "cut off": (visit) => visit.request.socket.destroy(),
    "not a stream": (visit) => void visit.response.writeHead(200).write("<p>and so on"),
    "too large": (visit) => visit.open(`data: ${"x".repeat(100)}`),
    invalid: (visit) => visit.open("event: bad\ndata: 1\n\n"),
    "closed here": (visit) => visit.open("event: close\ndata: 1\n\n"),
  } satisfies Record<string, NonNullable<Parameters<typeof startPeer>[0]>>;

  it.each(Object.entries(answers))(
    "because it was %s leaves no socket, no timer and no listener behind",
    async (_how, answer) => {
      const peer = await startPeer(answer);
      const controller = new AbortController();
      using leaks = watchLeaks();
      const client = connect(peer.url, {
        signal: controller.signal,
        reconnect: false,
        maxEventSize: 50,
        parse: { bad: () => Promise.reject(new Error("bad")) },
      });
      client.on("close", () => client.close());
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
      await settled(client);
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
      await peer.close();
      await expect(leaks.verify()).resolves.toBeUndefined();
    },
  );

  it("leaves nothing behind when many come and go", async () => {
    const peer = await startPeer((visit) => visit.open("retry: 10\ndata: 1\n\n"));
    const controller = new AbortController();
    using leaks = watchLeaks();
    for (let round = 0; round < 50; round++) {
      const client = connect(peer.url, { signal: controller.signal });
      for await (const _event of client) break;
    }
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    await peer.close();
    await expect(leaks.verify()).resolves.toBeUndefined();
  });
});

describe("the script of states", () => {
  it("is told once each, after it is so", async () => {
    const seen: unknown[] = [];
    const { calls, client } = script({
      onStateChange: (state, client) => seen.push([state, client.state]),
    });
    (await calls.next()).open();
    await vi.advanceTimersByTimeAsync(0);
    client.close();
    expect(seen).toEqual([
      ["connecting", "connecting"],
      ["open", "open"],
      ["closed", "closed"],
    ]);
  });
});
