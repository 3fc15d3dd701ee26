import { once } from "node:events";
import type { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { hear, settled } from "../test/listening.js";
import { startPeer, type Visit } from "../test/peer.js";
import { Told } from "../test/told.js";
import { connect } from "./index.js";

/** Of each event's data, in characters. */
const SIZE = 16_384;
/** So many events are more than sockets hold on both sides. */
const COUNT = 2_000;

const event = (n: number): string => `id: ${n}\ndata: ${String(n).padEnd(SIZE, ".")}\n\n`;

/** Writes events while the socket takes them. Tells when it does not. */
class Flood {
  readonly stopped = new Told();
  sent = 0;
  readonly finished: Promise<void>;

  constructor({ response }: Visit, until = COUNT) {
    this.finished = this.#run(response, until);
  }

  async #run(response: Writable, until: number): Promise<void> {
    while (this.sent < until) {
      if (response.write(event(++this.sent))) continue;
      const drained = once(response, "drain");
      const hasDrained = await Promise.race([drained.then(() => true), this.#isStuck(response)]);
      if (hasDrained) continue;
      this.stopped.tell();
      await drained;
    }
  }

  /** Tells that a socket takes nothing over many turns of the event loop, in which the client could have read. */
  async #isStuck(response: Writable): Promise<false> {
    let left = response.writableLength;
    for (let still = 0; still < 2_000; still++) {
      await new Promise(setImmediate);
      if (response.writableLength !== left) still = 0;
      left = response.writableLength;
    }
    return false;
  }
}

const numberOf = (data: unknown): number => Number.parseInt(String(data), 10);

describe("a loop that is not read", () => {
  it("stops the reading, and the server's writing; what was held up comes without loss", async () => {
    const peer = await startPeer();
    const client = connect(peer.url, { maxBuffered: 10 });
    void settled(client);
    const iterator = client[Symbol.asyncIterator]();
    const visit = await peer.visits.next();
    const flood = new Flood(visit.open());
    await flood.stopped.promise;
    expect(flood.sent).toBeLessThan(COUNT);

    const taken: number[] = [];
    while (taken.length < COUNT) {
      const { value } = await iterator.next();
      taken.push(numberOf(value?.data));
    }
    await flood.finished;
    expect(taken).toEqual(Array.from({ length: COUNT }, (_, i) => i + 1));
    expect(peer.visits.all).toHaveLength(1);
  });

  it("has as many before it as `maxBuffered` says, and what came with them is not taken", async () => {
    const peer = await startPeer((visit) =>
      visit.open(
        Array.from({ length: 100 }, (_, n) => `id: ${n + 1}\ndata: ${n + 1}\n\n`).join(""),
      ),
    );
    const client = connect(peer.url, { maxBuffered: 10 });
    const heard = hear(client);
    const iterator = client[Symbol.asyncIterator]();
    await heard.until((all) => all.length === 10);
    const visit = await peer.visits.next();
    await new Promise((done) => visit.response.write(": more\n", done));
    expect(heard.all).toHaveLength(10);
    expect(client.lastEventId).toBe("10");
    await iterator.next();
    await heard.until((all) => all.length === 11);
    expect(client.lastEventId).toBe("11");
  });

  it("with `maxBuffered: 0` gets an event only when it asks for one", async () => {
    const peer = await startPeer((visit) => visit.open("data: 1\n\ndata: 2\n\ndata: 3\n\n"));
    const client = connect(peer.url, { maxBuffered: 0 });
    const heard = hear(client);
    const taken: unknown[] = [];
    for await (const { data } of client) {
      taken.push(data);
      expect(heard.all.map(({ data }) => data)).toEqual(taken);
      if (taken.length === 3) break;
    }
    expect(taken).toEqual([1, 2, 3]);
  });

  it("resumes from what it has where the connection is lost while it is not read", async () => {
    const peer = await startPeer();
    const client = connect(peer.url, { maxBuffered: 2, reconnect: { delay: 0 } });
    void settled(client);
    const iterator = client[Symbol.asyncIterator]();
    const first = await peer.visits.next();
    await first
      .open("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\nid: 4\ndata: 4\n\n")
      .cut();
    const taken: unknown[] = [];
    const next = async (): Promise<void> => void taken.push((await iterator.next()).value?.data);
    for (let n = 0; n < 4; n++) await next();
    const waiting = next();
    const second = await peer.visits.next();
    expect(second.lastEventId).toBe("4");
    second.open("id: 5\ndata: 5\n\n");
    await waiting;
    expect(taken).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("a client that nobody listens to", () => {
  it("stops the server's writing, and has it all when somebody does", async () => {
    const peer = await startPeer();
    const client = connect(peer.url);
    void settled(client);
    const flood = new Flood((await peer.visits.next()).open(), 1_000);
    await flood.stopped.promise;
    const heard = hear(client);
    await heard.until((all) => all.length === 1_000);
    expect(heard.all.map(({ data }) => numberOf(data))).toEqual(
      Array.from({ length: 1_000 }, (_, i) => i + 1),
    );
  });
});

describe("reading that takes its time", () => {
  it("stops the server's writing", async () => {
    const go = new Told();
    const peer = await startPeer();
    const client = connect(peer.url, { parse: { message: (data) => go.promise.then(() => data) } });
    const heard = hear(client);
    const flood = new Flood((await peer.visits.next()).open());
    await flood.stopped.promise;
    expect(heard.all).toHaveLength(0);
    go.tell();
    await heard.until((all) => all.length === COUNT);
    expect(heard.all.map(({ data }) => numberOf(data))).toEqual(
      Array.from({ length: COUNT }, (_, i) => i + 1),
    );
  });
});
