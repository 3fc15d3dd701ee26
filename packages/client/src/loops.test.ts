import { describe, expect, it, vi } from "vitest";
import { hear, settled } from "../test/listening.js";
import { startPeer, type Visit } from "../test/peer.js";
import { Told } from "../test/told.js";
import { type ConnectOptions, connect, type SseClient, SseClientError } from "./index.js";

const events = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `id: ${from + i}\ndata: ${from + i}\n\n`).join(
    "",
  );

const DONE = 'event: sluice.end\nid: #end\ndata: {"outcome":"done"}\n\n';
const FAILED = 'event: sluice.end\nid: #end\ndata: {"outcome":"failed"}\n\n';

/** A client of a stream that is open, and that stream. */
async function follow(options?: ConnectOptions): Promise<{ client: SseClient; visit: Visit }> {
  const peer = await startPeer();
  const client = connect(peer.url, options);
  void settled(client);
  const visit = await peer.visits.next();
  visit.open();
  return { client, visit };
}

/** What a loop takes until it ends, as data, and what it throws. */
async function loop(
  client: AsyncIterable<{ data: unknown }>,
  until = Infinity,
): Promise<unknown[]> {
  const taken: unknown[] = [];
  try {
    for await (const { data } of client) {
      taken.push(data);
      if (taken.length === until) break;
    }
  } catch (error) {
    taken.push((error as SseClientError).code);
  }
  return taken;
}

/** The next of an iterator, as data, or "done". */
const nextOf = async (iterator: AsyncIterator<{ data: unknown }, undefined>): Promise<unknown> => {
  const { done, value } = await iterator.next();
  return done === true ? "done" : value.data;
};

describe("a loop", () => {
  it("takes each event, and ends when the stream is complete", async () => {
    const { client, visit } = await follow();
    visit.send(events(1, 3) + DONE);
    expect(await loop(client)).toEqual([1, 2, 3]);
    expect(client.state).toBe("closed");
    await client.closed;
  });

  it("takes what came before the end, although the end is known already", async () => {
    const { client, visit } = await follow();
    const iterator = client[Symbol.asyncIterator]();
    visit.send(events(1, 3) + DONE);
    await client.closed;
    expect(await loop({ [Symbol.asyncIterator]: () => iterator })).toEqual([1, 2, 3]);
  });

  it("takes what came before an error, and then throws it, once", async () => {
    const { client, visit } = await follow();
    const iterator = client[Symbol.asyncIterator]();
    visit.send(events(1, 2) + FAILED);
    await expect(client.closed).rejects.toMatchObject({ code: "ERR_FAILED" });
    expect(await nextOf(iterator)).toBe(1);
    expect(await nextOf(iterator)).toBe(2);
    await expect(iterator.next()).rejects.toBe(client.error);
    expect(await nextOf(iterator)).toBe("done");
  });

  it("is not the only one: each takes all", async () => {
    const { client, visit } = await follow();
    const loops = [loop(client), loop(client), loop(client)];
    const heard = hear(client);
    visit.send(events(1, 5) + DONE);
    for (const taken of await Promise.all(loops)) expect(taken).toEqual([1, 2, 3, 4, 5]);
    expect(heard.all).toHaveLength(5);
  });

  it("throws the error in each", async () => {
    const { client, visit } = await follow();
    const loops = [loop(client), loop(client)];
    visit.send(events(1, 1) + FAILED);
    expect(await Promise.all(loops)).toEqual([
      [1, "ERR_FAILED"],
      [1, "ERR_FAILED"],
    ]);
  });

  it("closes the client when it is left", async () => {
    const { client, visit } = await follow();
    visit.send(events(1, 5));
    expect(await loop(client, 2)).toEqual([1, 2]);
    expect(client.state).toBe("closed");
    await client.closed;
    await visit.gone;
  });

  it("closes nothing when it is left while others listen", async () => {
    const { client, visit } = await follow();
    const heard = hear(client);
    const other = loop(client);
    visit.send(events(1, 5));
    expect(await loop(client, 2)).toEqual([1, 2]);
    visit.send(events(6, 6) + DONE);
    expect(await other).toEqual([1, 2, 3, 4, 5, 6]);
    expect(heard.all).toHaveLength(6);
  });

  it("closes the client when it is left and the last listener has been taken away", async () => {
    const { client, visit } = await follow();
    const off = client.on(() => {});
    off();
    visit.send(events(1, 1));
    expect(await loop(client, 1)).toEqual([1]);
    expect(client.state).toBe("closed");
  });

  it("throws nothing when it is left after the stream has failed", async () => {
    const { client, visit } = await follow();
    const left = (async () => {
      for await (const { data } of client) {
        visit.send(FAILED);
        await client.closed.catch(() => {});
        return data;
      }
      return undefined;
    })();
    visit.send(events(1, 3));
    expect(await left).toBe(1);
    expect(client.error).toMatchObject({ code: "ERR_FAILED" });
  });

  it("holds up the others, for the slowest says how fast is read, and lets go when it is left", async () => {
    const { client, visit } = await follow({ maxBuffered: 2 });
    const slow = client[Symbol.asyncIterator]();
    const other = loop(client);
    visit.send(events(1, 20) + DONE);
    expect(await nextOf(slow)).toBe(1);
    await slow.return!();
    expect(await other).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it("begins with what comes from now on", async () => {
    const { client, visit } = await follow();
    const heard = hear(client);
    visit.send(events(1, 2));
    await heard.take(2);
    const late = loop(client);
    visit.send(events(3, 4) + DONE);
    expect(await late).toEqual([3, 4]);
  });

  it("over a client that is complete ends at once", async () => {
    const { client, visit } = await follow();
    client.on(() => {});
    visit.send(DONE);
    await client.closed;
    expect(await loop(client)).toEqual([]);
  });

  it("over a client that was given up throws why", async () => {
    const { client, visit } = await follow();
    client.on(() => {});
    visit.send(FAILED);
    await client.closed.catch(() => {});
    expect(await loop(client)).toEqual(["ERR_FAILED"]);
    expect(await loop(client)).toEqual(["ERR_FAILED"]);
  });

  it("ends when the client is closed from elsewhere, with what was there already", async () => {
    const { client, visit } = await follow();
    const iterator = client[Symbol.asyncIterator]();
    const heard = hear(client);
    visit.send(events(1, 2));
    await heard.take(2);
    client.close();
    expect(await nextOf(iterator)).toBe(1);
    expect(await nextOf(iterator)).toBe(2);
    expect(await nextOf(iterator)).toBe("done");
  });
});

describe("an iterator", () => {
  it("answers several that ask at once, each with one event, in order", async () => {
    const { client, visit } = await follow();
    const iterator = client[Symbol.asyncIterator]();
    const asked = [nextOf(iterator), nextOf(iterator), nextOf(iterator), nextOf(iterator)];
    visit.send(events(1, 3) + DONE);
    expect(await Promise.all(asked)).toEqual([1, 2, 3, "done"]);
  });

  it("rejects the first that waits, and answers the others with the end", async () => {
    const { client, visit } = await follow();
    const iterator = client[Symbol.asyncIterator]();
    const asked = Promise.allSettled([iterator.next(), iterator.next()]);
    visit.send(FAILED);
    expect(await asked).toMatchObject([
      { status: "rejected", reason: { code: "ERR_FAILED" } },
      { status: "fulfilled", value: { done: true, value: undefined } },
    ]);
  });

  it("answers who waits when it is returned", async () => {
    const { client } = await follow();
    const iterator = client[Symbol.asyncIterator]();
    const asked = iterator.next();
    expect(await iterator.return!()).toEqual({ done: true, value: undefined });
    expect(await asked).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.return!()).toEqual({ done: true, value: undefined });
    expect(client.state).toBe("closed");
  });

  it("forgets what it has when it is returned", async () => {
    const { client, visit } = await follow();
    const iterator = client[Symbol.asyncIterator]();
    const heard = hear(client);
    visit.send(events(1, 3));
    await heard.take(3);
    await iterator.return!();
    expect(await nextOf(iterator)).toBe("done");
    expect(client.state).toBe("open");
  });
});

describe("closed", () => {
  it("resolves when the stream is complete", async () => {
    const { client, visit } = await follow();
    client.on(() => {});
    visit.send(DONE);
    await expect(client.closed).resolves.toBeUndefined();
    expect(client.error).toBeUndefined();
  });

  it("resolves when the client is closed here", async () => {
    const { client } = await follow();
    client.close();
    await expect(client.closed).resolves.toBeUndefined();
  });

  it("rejects with the error when the stream is given up", async () => {
    const { client, visit } = await follow();
    client.on(() => {});
    visit.send(FAILED);
    const error: unknown = await client.closed.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(SseClientError);
    expect(client.error).toBe(error);
  });

  it("is an unhandled rejection where nobody would see the error", async () => {
    const unhandled = new Told<unknown>();
    const runners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.once("unhandledRejection", unhandled.tell);
    try {
      const peer = await startPeer((visit) => visit.answer(401));
      const client = connect(peer.url);
      client.on(() => {});
      expect(await unhandled.promise).toMatchObject({ code: "ERR_REFUSED" });
    } finally {
      for (const listener of runners) process.on("unhandledRejection", listener);
    }
  });

  it.each<[string, (url: string) => Promise<unknown> | void]>([
    ["a loop", (url) => loop(connect(url))],
    [
      "a loop that begins later",
      async (url) => {
        const client = connect(url);
        await vi.waitUntil(() => client.state === "closed");
        await loop(client);
      },
    ],
    ["onStateChange", (url) => void connect(url, { onStateChange() {} }).on(() => {})],
  ])("is no unhandled rejection where %s sees the error", async (_name, follow) => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", listener);
    try {
      const peer = await startPeer((visit) => visit.answer(401));
      await follow(peer.url);
      const visit = await peer.visits.next();
      await visit.gone;
      // A rejection that nobody has handled is told before the second turn of the event loop.
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", listener);
    }
  });
});
