import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Entry, Follower, HistoryBounds, Page } from "./broker.js";
import { formatCountedId, parseCountedId } from "./counted-id.js";
import { MemoryBroker } from "./memory-broker.js";
import { ENTRY_BYTES, LOG_BYTES } from "./memory-log.js";

// What every broker promises is asked of this one by the conformance suite of @sluice/testing.

const PLENTY: HistoryBounds = { count: 1_000, age: 60_000, bytes: 1_000_000 };
const NOTHING: HistoryBounds = { ...PLENTY, count: 0 };
const MINUTE = 60_000;

/** A follower that does something with each text. */
const hearing = (hear: (text: string, previous: string) => void = () => undefined): Follower => ({
  deliver: (previous: string, { text }: Entry) => hear(text, previous),
  reached: () => undefined,
});

const textsOf = (page: Page): string[] =>
  page.refused === undefined ? page.entries.map(({ text }) => text) : [page.refused];

let broker: MemoryBroker;

const publish = (channel: string, text: string, history = PLENTY): string =>
  broker.publish({ channel, kind: "text", text, history });

const read = (channel: string, after: string): string[] =>
  textsOf(broker.read(channel, after, undefined, 1_000_000));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  broker = new MemoryBroker();
});

afterEach(() => {
  broker.close();
  vi.useRealTimers();
});

describe("H4: a history is bounded", () => {
  it("by its count, exactly", () => {
    const ids = ["a", "b", "c", "d"].map((text) => publish("room", text, { ...PLENTY, count: 2 }));
    expect(read("room", ids[0]!)).toEqual(["trimmed"]);
    expect(read("room", ids[1]!)).toEqual(["c", "d"]);
  });

  it("by the bytes of its texts, exactly", () => {
    const history = { ...PLENTY, bytes: 4 };
    const ids = ["é", "e", "e", "é"].map((text) => publish("room", text, history));
    expect(read("room", ids[0]!)).toEqual(["e", "e", "é"]);
    expect(broker.bytes).toBe(LOG_BYTES + 3 * ENTRY_BYTES + 4);
  });

  it("by its age, to the millisecond", () => {
    const first = publish("room", "a", { ...PLENTY, age: 1_000 });
    const before = broker.rewind("room", 1, first);
    vi.advanceTimersByTime(999);
    expect(read("room", before)).toEqual(["a"]);
    vi.advanceTimersByTime(1);
    expect(read("room", before)).toEqual(["trimmed"]);
  });

  it("as the newest publication says", () => {
    const first = publish("room", "a");
    publish("room", "b");
    publish("room", "c", { ...PLENTY, count: 1 });
    expect(read("room", first)).toEqual(["trimmed"]);
  });

  it("with all others by maxBytes: who was published to least recently forgets first", () => {
    const three = 2 * LOG_BYTES + 3 * (ENTRY_BYTES + 100);
    broker = new MemoryBroker({ maxBytes: three });
    const [a, b, c, d, e, f] = ["a", "b", "c", "d", "e", "f"].map((text) => text.repeat(100));
    const first = publish("quiet", a!);
    const start = broker.rewind("quiet", 1, first);
    publish("quiet", b!);
    const busy = publish("busy", c!);
    expect(broker.bytes).toBe(three);
    expect(read("quiet", start)).toEqual([a, b]);
    publish("busy", d!);
    expect(read("quiet", start)).toEqual(["trimmed"]);
    expect(read("quiet", first)).toEqual([b]);
    expect(read("busy", broker.rewind("busy", 9, busy))).toEqual([c, d]);
    publish("quiet", e!);
    expect(broker.bytes).toBe(three);
    expect(read("busy", busy)).toEqual([d]);
    publish("quiet", f!);
    expect(broker.bytes).toBe(three - LOG_BYTES);
    expect(read("busy", busy)).toEqual(["trimmed"]);
    expect(read("quiet", first)).toEqual([b, e, f]);
  });

  it("with all others by maxBytes, in which many channels of little events count, too", () => {
    broker = new MemoryBroker({ maxBytes: 100 * (LOG_BYTES + ENTRY_BYTES + 1) });
    for (let n = 0; n < 10_000; n++) publish(`room:${n}`, "a");
    expect(broker.channels).toBe(100);
  });

  it("though one event is larger than maxBytes: it is told, and not kept", () => {
    broker = new MemoryBroker({ maxBytes: LOG_BYTES + ENTRY_BYTES + 3 });
    const told: string[] = [];
    const { position } = broker.follow(
      "room",
      hearing((text) => void told.push(text)),
    );
    publish("room", "1234");
    expect(told).toEqual(["1234"]);
    expect(broker.bytes).toBe(0);
    expect(read("room", position)).toEqual(["trimmed"]);
  });

  it.each([-1, 0.5, Number.NaN, Infinity, "1" as never])("maxBytes: %s throws", (maxBytes) => {
    expect(() => new MemoryBroker({ maxBytes })).toThrow(
      expect.objectContaining({ code: "ERR_OPTION" }),
    );
  });
});

describe("H4: a channel without followers and history costs nothing", () => {
  it("neither after its last follower has left, nor when its history is too old", () => {
    const following = broker.follow("followed", hearing());
    publish("published", "a");
    expect(broker.channels).toBe(2);
    following.stop();
    expect(broker.channels).toBe(1);
    vi.advanceTimersByTime(2 * MINUTE);
    expect([broker.channels, broker.bytes]).toEqual([0, 0]);
  });

  it("but its position is remembered for a while: who comes back to it has missed nothing", () => {
    const id = publish("room", "a", NOTHING);
    expect(broker.channels).toBe(0);
    expect(read("room", id)).toEqual([]);
    vi.advanceTimersByTime(9 * MINUTE);
    expect(broker.follow("room", hearing()).position).toBe(id);
  });

  it("and after that it begins anew, with cursors of its own", () => {
    const id = publish("room", "a", NOTHING);
    vi.advanceTimersByTime(11 * MINUTE);
    expect(read("room", id)).toEqual(["unknown"]);
    const { position } = broker.follow("room", hearing());
    expect(parseCountedId(position)?.count).toBe(0);
    expect(parseCountedId(position)?.nonce).not.toBe(parseCountedId(id)?.nonce);
  });

  it("and of 10,000 such positions at most, those that rest longest are forgotten", () => {
    const ids = Array.from({ length: 10_005 }, (_, at) => publish(`room ${at}`, "a", NOTHING));
    expect(read("room 4", ids[4]!)).toEqual(["unknown"]);
    expect(read("room 5", ids[5]!)).toEqual([]);
    expect(read("room 10004", ids[10_004]!)).toEqual([]);
  });

  it("and no timer runs when nothing is left to look after", () => {
    publish("room", "a");
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(20 * MINUTE);
    expect(vi.getTimerCount()).toBe(0);
    publish("room", "b");
    expect(vi.getTimerCount()).toBe(1);
  });

  it("nor does a broker that is closed, whoever stops following then", () => {
    const following = broker.follow("room", hearing());
    broker.close();
    following.stop();
    expect(vi.getTimerCount()).toBe(0);
    expect([broker.channels, broker.bytes]).toEqual([0, 0]);
  });
});

describe("the bytes of all histories are counted right", () => {
  it.each(["read", "rewind"] as const)("when what is too old is found by %s", (how) => {
    const first = publish("room", "12345", { ...PLENTY, age: 1_000 });
    broker.follow("room", hearing());
    vi.advanceTimersByTime(1_000);
    if (how === "read") broker.read("room", first, undefined, 1);
    else broker.rewind("room", 1, first);
    expect(broker.bytes).toBe(0);
    publish("room", "67");
    expect(broker.bytes).toBe(LOG_BYTES + ENTRY_BYTES + 2);
  });

  it("when the broker is closed while an entry is told", () => {
    broker.follow(
      "room",
      hearing(() => broker.close()),
    );
    publish("room", "12345");
    expect([broker.channels, broker.bytes]).toEqual([0, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("followers may do as they like while they are told", () => {
  it("what they publish is told after what is being told, to everyone", () => {
    const told: string[] = [];
    broker.follow(
      "room",
      hearing((text) => {
        told.push(`1: ${text}`);
        if (text.length < 3) publish("room", `${text}+`, NOTHING);
      }),
    );
    broker.follow(
      "room",
      hearing((text) => void told.push(`2: ${text}`)),
    );
    publish("room", "a", NOTHING);
    expect(told).toEqual(["1: a", "2: a", "1: a+", "2: a+", "1: a++", "2: a++"]);
  });

  it("whom they make follow is told what comes after its position", () => {
    const told: string[] = [];
    let joined: string | undefined;
    broker.follow(
      "room",
      hearing((text) => {
        if (text !== "a") return;
        publish("room", `${text}2`);
        const late = hearing((text, previous) => void told.push(text, previous));
        joined = broker.follow("room", late).position;
        publish("room", `${text}3`);
      }),
    );
    publish("room", "a");
    expect(told).toEqual(["a3", joined]);
  });

  it("one that throws keeps nobody from being told what comes next", () => {
    const told: string[] = [];
    const following = broker.follow(
      "room",
      hearing(() => {
        throw new Error("not allowed");
      }),
    );
    broker.follow(
      "room",
      hearing((text) => void told.push(text)),
    );
    expect(() => publish("room", "a")).toThrow("not allowed");
    following.stop();
    publish("room", "b");
    expect(told).toEqual(["b"]);
  });
});

it("a cursor of a channel that is not there is refused for what it is", () => {
  expect(read("room", formatCountedId("abcdefgh", 1))).toEqual(["unknown"]);
  expect(read("room", "1")).toEqual(["malformed"]);
  expect(broker.rewind("room", 3, formatCountedId("abcdefgh", 1))).toBe("1.abcdefgh.1");
});
