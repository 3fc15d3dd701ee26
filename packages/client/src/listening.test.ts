import { describe, expect, it, onTestFinished, vi } from "vitest";
import { hear, settled } from "../test/listening.js";
import { startPeer, type Visit } from "../test/peer.js";
import { Inbox } from "../test/told.js";
import { type ConnectOptions, connect, type ReceivedEvent, type SseClient } from "./index.js";

const event = (n: number, name = "tick"): string => `event: ${name}\nid: ${n}\ndata: ${n}\n\n`;

/** A client of a stream that is open, and that stream. Nobody listens yet. */
async function follow(options?: ConnectOptions): Promise<{ client: SseClient; visit: Visit }> {
  const peer = await startPeer();
  const client = connect(peer.url, options);
  void settled(client);
  const visit = await peer.visits.next();
  visit.open();
  return { client, visit };
}

/** Resolves when a client is open, and what has come is before it. */
async function heldUp(client: SseClient): Promise<void> {
  await vi.waitUntil(() => client.state === "open");
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
}

/** The errors that nobody has caught, until the test is over. */
function uncaught(): Inbox<unknown> {
  const errors = new Inbox<unknown>();
  const runners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", errors.put);
  onTestFinished(() => {
    process.off("uncaughtException", errors.put);
    for (const listener of runners) process.on("uncaughtException", listener);
  });
  return errors;
}

describe("on()", () => {
  it("calls with the data and the event for each of a name, and of no other", async () => {
    const { client, visit } = await follow();
    const heard = new Inbox<unknown[]>();
    client.on("tick", (...args) => heard.put(args));
    const all = hear(client);
    visit.send(event(1) + event(2, "tock") + event(3));
    await all.take(3);
    expect(heard.all).toEqual([
      [1, { event: "tick", data: 1, id: "1" }],
      [3, { event: "tick", data: 3, id: "3" }],
    ]);
  });

  it("calls with every event where no name is given", async () => {
    const { client, visit } = await follow();
    const heard = hear(client);
    visit.send(event(1) + event(2, "tock"));
    expect(await heard.take(2)).toEqual([
      { event: "tick", data: 1, id: "1" },
      { event: "tock", data: 2, id: "2" },
    ]);
  });

  it("calls each listener, in the order in which they came, also one that came twice", async () => {
    const { client, visit } = await follow();
    const calls: string[] = [];
    const twice = (): void => void calls.push("twice");
    client.on("tick", () => calls.push("first"));
    client.on(twice);
    client.on(twice);
    const all = hear(client);
    visit.send(event(1));
    await all.next();
    expect(calls).toEqual(["first", "twice", "twice"]);
  });

  it("gives a function that ends it, and that one may call again", async () => {
    const { client, visit } = await follow();
    const all = hear(client);
    const heard: unknown[] = [];
    const same = (data: unknown): void => void heard.push(data);
    const off = client.on("tick", same);
    client.on("tick", same);
    visit.send(event(1));
    await all.next();
    off();
    off();
    visit.send(event(2));
    await all.next();
    expect(heard).toEqual([1, 1, 2]);
  });

  it("is ended from within the listener itself, and others still hear the event", async () => {
    const { client, visit } = await follow();
    const heard: unknown[] = [];
    const off = client.on("tick", (data) => {
      heard.push(data);
      off();
    });
    const all = hear(client);
    visit.send(event(1) + event(2));
    expect(await all.take(2)).toHaveLength(2);
    expect(heard).toEqual([1]);
  });

  it("is ended from within an earlier listener, before it hears that event", async () => {
    const { client, visit } = await follow();
    const heard: unknown[] = [];
    client.on(() => off());
    const off = client.on("tick", (data) => heard.push(data));
    const all = hear(client);
    visit.send(event(1));
    await all.next();
    expect(heard).toEqual([]);
  });

  it("hears from the next event on where it is called from within a listener", async () => {
    const { client, visit } = await follow();
    const heard: unknown[] = [];
    const again = (): void => {
      const off = client.on((event) => {
        heard.push(event.data);
        off();
        again();
      });
    };
    again();
    const all = hear(client);
    visit.send(event(1) + event(2));
    await all.take(2);
    expect(heard).toEqual([1, 2]);
  });

  it("has its id as the last one while it is heard", async () => {
    const { client, visit } = await follow();
    const ids = new Inbox<string>();
    client.on(() => ids.put(client.lastEventId));
    visit.send(event(1) + event(2));
    expect(await ids.take(2)).toEqual(["1", "2"]);
  });

  it("leaves what a listener throws to the handler of uncaught errors, and others still hear", async () => {
    const errors = uncaught();
    const { client, visit } = await follow();
    client.on("tick", () => {
      throw new RangeError("mine");
    });
    const all = hear(client);
    visit.send(event(1) + event(2));
    expect(await all.take(2)).toHaveLength(2);
    expect(await errors.take(2)).toEqual([new RangeError("mine"), new RangeError("mine")]);
    expect(client.state).toBe("open");
  });

  it("leaves what onStateChange throws to the handler of uncaught errors, and goes on", async () => {
    const errors = uncaught();
    const { client, visit } = await follow({
      onStateChange: (state) => {
        throw new RangeError(state);
      },
    });
    const all = hear(client);
    visit.send(event(1));
    await all.next();
    client.close();
    expect(await errors.take(3)).toEqual(
      ["connecting", "open", "closed"].map((state) => new RangeError(state)),
    );
  });

  it("has nothing read before anyone listens, though the stream is open", async () => {
    const peer = await startPeer();
    const open = new Inbox<string>();
    const client = connect(peer.url, { onStateChange: open.put });
    void settled(client);
    const visit = await peer.visits.next();
    visit.open(event(1));
    await open.until((states) => states.includes("open"));
    await new Promise((done) => visit.response.write(event(2), done));
    const listening = hear(client);
    expect(await listening.take(2)).toMatchObject([{ id: "1" }, { id: "2" }]);
  });

  it("calls nobody before the turn is over in which it was called, though an event waits", async () => {
    const peer = await startPeer((visit) => visit.open(event(1)));
    const client = connect(peer.url);
    void settled(client);
    await heldUp(client);
    const heard: string[] = [];
    const off = client.on("tick", () => {
      heard.push("first");
      off();
    });
    const iterator = client[Symbol.asyncIterator]();
    client.on("tick", () => heard.push("second"));
    expect(heard).toEqual([]);
    expect((await iterator.next()).value?.data).toBe(1);
    expect(heard).toEqual(["first", "second"]);
  });

  it("counts nothing as taken before anyone listens", async () => {
    const peer = await startPeer();
    const client = connect(peer.url, { reconnect: { delay: 0 } });
    void settled(client);
    const first = await peer.visits.next();
    first.open(event(1));
    await vi.waitFor(() => expect(client.state).toBe("open"));
    expect(client.lastEventId).toBe("");
  });

  it("hears nothing more once the client is closed, and closes nothing by that", async () => {
    const { client, visit } = await follow();
    const heard: unknown[] = [];
    client.on((event) => {
      heard.push(event.data);
      client.close();
    });
    client.on("tick", (data) => heard.push(data));
    visit.send(event(1) + event(2));
    await client.closed;
    await visit.gone;
    expect(heard).toEqual([1]);
    expect(client.lastEventId).toBe("1");
    expect(client.on(() => {})).toBeTypeOf("function");
  });
});

describe("an event", () => {
  it("is the same object for all who hear it", async () => {
    const { client, visit } = await follow();
    const heard: ReceivedEvent[] = [];
    client.on("tick", (_data, event) => heard.push(event));
    const all = hear(client);
    visit.send(event(1));
    expect(heard).toEqual([]);
    expect(await all.next()).toBe(heard[0]);
  });
});
