import { describe, expect, it, vi } from "vitest";
import { fakeConnection } from "../../test/connection.js";
import { FakeNodes, FakeStore } from "../../test/fake-nodes.js";
import { Channels, Connections } from "../index.js";
import type { Nodes } from "./nodes.js";

/** Connections of two nodes, with one of Ann's streams each. */
function twoNodes() {
  const store = new FakeStore();
  const [a, b] = [new FakeNodes(store), new FakeNodes(store)];
  const [here, there] = [a, b].map((nodes) => {
    const connections = new Connections();
    const leave = connections.join(nodes);
    const ann = fakeConnection({ principal: "ann" });
    connections.add(ann);
    return { connections, leave, ann };
  });
  return { store, a, b, here: here!, there: there! };
}

describe("revoke, on several nodes", () => {
  it("ends here what it has stored before, and there what it is told", async () => {
    const { b, here, there } = twoNodes();
    expect(await here.connections.revoke({ principal: "ann" }, { retry: 500 })).toEqual({
      local: 1,
    });
    const end = { reason: "revoked", farewell: "retry: 500\n" };
    expect([here.ann.ends, there.ann.ends]).toEqual([[end], []]);
    b.tell();
    expect(there.ann.ends).toEqual([end]);
  });

  it("does not end a stream before it is stored: whoever comes back elsewhere would be let in", async () => {
    const { here, store } = twoNodes();
    const seen: number[] = [];
    here.ann.end = () => void seen.push(store.stored.length);
    await here.connections.revoke({ principal: "ann" });
    expect(seen).toEqual([1]);
  });

  it("is known when `sync` resolves", async () => {
    const { here, there } = twoNodes();
    await here.connections.revoke({ principal: "ann" });
    const back = fakeConnection({ principal: "ann" });
    expect(there.connections.refuses(back)).toBeUndefined();
    await there.connections.sync();
    expect(there.connections.refuses(back)).toBe("revoked");
  });

  it("is in force here although it can't be stored, and says so", async () => {
    const { a, here, there } = twoNodes();
    a.failure = new Error("no store");
    await expect(here.connections.revoke({ principal: "ann" })).rejects.toThrow("no store");
    expect([here.ann.ends.length, there.ann.ends.length]).toEqual([1, 0]);
    expect(here.connections.refuses(here.ann)).toBe("revoked");
  });

  it("goes by the store's clock for tokens, whatever the clocks of the nodes say", async () => {
    const { store, here, there } = twoNodes();
    await here.connections.revoke({ principal: "ann" });
    await there.connections.sync();
    for (const { connections } of [here, there]) {
      const issued = (at: number) =>
        connections.refuses(fakeConnection({ principal: "ann", issuedAt: new Date(at) }));
      expect([issued(store.now), issued(store.now + 1)]).toEqual(["revoked", undefined]);
    }
  });

  it("that is told when it is over ends who had come before, and not who came later", async () => {
    const { store, b, here, there } = twoNodes();
    there.ann.since = new Date(Date.now() - 6_000);
    await here.connections.revoke({ principal: "ann" }, { for: 0 });
    store.now += 5_000;
    const later = fakeConnection({ principal: "ann" });
    const opening = fakeConnection({ principal: "ann", isOpen: false });
    there.connections.add(later);
    there.connections.add(opening);
    b.tell();
    expect([there.ann.ends.length, later.ends.length, opening.doubted()]).toEqual([
      1,
      0,
      undefined,
    ]);
  });

  it("told twice does nothing the second time", async () => {
    const { store, b, here, there } = twoNodes();
    await here.connections.revoke({ principal: "ann" });
    b.tell();
    b.listener!.revoked(store.stored[0]!, store.now);
    expect(there.ann.ends).toHaveLength(1);
    expect([...b.listener!.standing()]).toEqual(store.stored);
  });

  it("that was missed for good makes all who listen come back, spread over ten seconds", () => {
    const { b, there } = twoNodes();
    const opening = fakeConnection({ isOpen: false });
    const others = Array.from({ length: 100 }, () => fakeConnection());
    for (const connection of [opening, ...others]) there.connections.add(connection);
    b.listener!.missed();
    const retries = others.map(({ ends }) =>
      Number(/^retry: (\d+)\n$/.exec(ends[0]!.farewell)![1]),
    );
    expect(Math.max(...retries)).toBeLessThanOrEqual(10_000);
    expect(new Set(retries).size).toBeGreaterThan(50);
    // Its guards have only just looked.
    expect([opening.ends, opening.doubted()]).toEqual([[], undefined]);
  });

  it("reaches all Connections of a process that share the nodes", async () => {
    const nodes = new FakeNodes();
    const both = [new Connections(), new Connections()];
    const anns = both.map((connections) => {
      connections.join(nodes);
      const ann = fakeConnection({ principal: "ann" });
      connections.add(ann);
      return ann;
    });
    expect(await both[0]!.revoke({ principal: "ann" })).toEqual({ local: 2 });
    expect(anns.map(({ ends }) => ends.length)).toEqual([1, 1]);
  });
});

describe("counts over several nodes", () => {
  it("are those of all, by route too", async () => {
    const { here, there } = twoNodes();
    there.connections.add(fakeConnection({ route: "Rooms.leave" }));
    expect(await here.connections.countEverywhere()).toBe(3);
    expect(await there.connections.countEverywhere()).toBe(3);
    expect(await here.connections.countEverywhere("Rooms.leave")).toBe(1);
    expect(await here.connections.countEverywhere("Rooms.join")).toBe(2);
    expect(await here.connections.countEverywhere("Nobody.there")).toBe(0);
  });

  it("are those of this process where it is alone", async () => {
    const connections = new Connections();
    connections.add(fakeConnection());
    expect(await connections.countEverywhere()).toBe(1);
    expect(await connections.countEverywhere("Rooms.join")).toBe(1);
    expect(await new Channels().get("news").countEverywhere()).toBe(0);
  });

  it("of a channel are those of all its subscribers, merged ones included", async () => {
    const store = new FakeStore();
    const iterators = [];
    const [a, b] = [new Channels(), new Channels()];
    for (const channels of [a, b]) channels.join(new FakeNodes(store));
    for (const source of [
      a.get("news").subscribe(),
      b.get("news").subscribe(),
      b.merge(b.get("news"), b.get("sports")).subscribe(),
    ]) {
      const iterator = source[Symbol.asyncIterator]();
      iterators.push(iterator);
      void iterator.next();
    }
    await vi.waitFor(() => expect([a.active, b.active]).toEqual([1, 3]));
    expect(await a.get("news").countEverywhere()).toBe(3);
    expect(await b.get("sports").countEverywhere()).toBe(1);
    const keys = [...store.nodes].flatMap(({ listener }) => [...listener!.counts().keys()]);
    expect(keys).toEqual(["channel:news", "channel:news", "channel:sports"]);
    await Promise.all([a.dispose(), b.dispose()]);
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  });

  it("throw when the nodes can't tell", async () => {
    const { a, here } = twoNodes();
    a.failure = new Error("no store");
    await expect(here.connections.countEverywhere()).rejects.toThrow("no store");
  });
});

describe("nodes", () => {
  it("are closed when the last has left, and opened once", async () => {
    const nodes = new FakeNodes();
    const open = vi.spyOn(nodes, "open");
    const connections = new Connections();
    const leaves = [
      connections.join(nodes),
      connections.join(nodes),
      new Channels().join(nodes),
    ] as const;
    await leaves[0]();
    await leaves[0]();
    await leaves[1]();
    expect(nodes.closes).toBe(0);
    await leaves[2]();
    expect([nodes.closes, open.mock.calls.length]).toEqual([1, 1]);
  });

  it("that were closed, are none, or are others than those that were joined throw ERR_OPTION", async () => {
    const nodes = new FakeNodes();
    await new Connections().join(nodes)();
    const connections = new Connections();
    const refusal = expect.objectContaining({ code: "ERR_OPTION" });
    expect(() => connections.join(nodes)).toThrow(refusal);
    expect(() => connections.join({ open() {} } as unknown as Nodes)).toThrow(refusal);
    expect(() => connections.join(undefined as unknown as Nodes)).toThrow(refusal);
    connections.join(new FakeNodes());
    expect(() => connections.join(new FakeNodes())).toThrow(refusal);
  });
});
