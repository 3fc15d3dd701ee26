import { describe, expect, it, onTestFinished, vi } from "vitest";
import { CutStore } from "../../test/cut-store.js";
import { connect, listen, pass, RunNode, settled, stopTime } from "../../test/run-node.js";
import { MemoryBroker } from "../channel/memory-broker.js";
import { MemoryRunStore } from "./memory-run-store.js";
import type { RunOptions } from "./run-options.js";

const LEASE = 15_000;

/** Two processes that share what is published and who runs what. */
function twoNodes(run: Partial<RunOptions> = {}) {
  const broker = new MemoryBroker();
  const shared = new MemoryRunStore();
  const stores = [new CutStore(shared), new CutStore(shared)] as const;
  const [one, two] = stores.map((store) => new RunNode({ broker, store, run }));
  onTestFinished(() => stores.forEach((store) => store.mend()));
  return { broker, shared, stores, one: one!, two: two! };
}

describe("a run of another process", () => {
  it("is followed from the beginning, and its end is told and kept", async () => {
    const { one, two } = twoNodes();
    const here = listen(await one.enter("a"));
    one.part.say("one");
    await settled();
    const there = listen(await two.enter("a"));
    expect(two.parts).toEqual([]);
    one.part.say("two");
    one.part.end();
    await settled();
    const all = ["one", "two", "<complete>"];
    expect([here.heard, there.heard]).toEqual([all, all]);
    expect(listen(await two.attach("a")).heard).toEqual(all);
    const id = there.events.at(-2)!.id;
    expect(listen(await two.enter("a"), id).heard).toEqual(["two", "<complete>"]);
    expect(await two.runs.get("a")).toMatchObject({ state: "done", events: 2, listeners: 0 });
  });

  it("that fails before its first event is told as an error to who waits elsewhere, too", async () => {
    const { one, two } = twoNodes();
    const here = connect(await one.enter("a")).catch((error: unknown) => error);
    const there = connect(await two.enter("a"), 60_000).catch((error: unknown) => error);
    const wanted = two.attach("a").then((source) => connect(source, 60_000));
    await settled();
    one.part.fail();
    expect(await here).toBeInstanceOf(Error);
    expect(await there).toMatchObject({ statusCode: 503 });
    await expect(wanted).rejects.toMatchObject({ statusCode: 503 });
    await expect(two.attach("a")).rejects.toMatchObject({ code: "ERR_NO_RUN" });
  });

  it("opens for who waits elsewhere with its first event, its end, or when it takes too long", async () => {
    stopTime();
    const { one, two } = twoNodes();
    const opened: string[] = [];
    const wait = async (key: string): Promise<void> => {
      await one.enter(key);
      await connect(await two.enter(key), 1_000);
      opened.push(key);
    };
    const waiting = ["event", "end", "late"].map(wait);
    await settled();
    expect(opened).toEqual([]);
    one.parts[0]!.say("one");
    await settled();
    expect(opened).toEqual(["event"]);
    one.parts[1]!.end();
    await settled();
    expect(opened).toEqual(["event", "end"]);
    await pass(1_000);
    await Promise.all(waiting);
    expect(opened).toEqual(["event", "end", "late"]);
    await pass(10_000);
    expect((await connect(await two.enter("late"))).heard).toEqual([]);
  });

  it("is kept for as long as it says, whoever cancels it", async () => {
    stopTime();
    const { one, two } = twoNodes({ keep: "1h" });
    await one.enter("a");
    expect(await two.runs.cancel("a")).toBe(true);
    await pass(59 * 60_000);
    expect(await two.runs.get("a")).toMatchObject({ state: "cancelled" });
    await pass(60_000);
    expect(await two.runs.get("a")).toBeUndefined();
  });

  it("is not started twice, however both ask at once", async () => {
    const { one, two } = twoNodes();
    await Promise.all([one, two, one, two].map((node) => node.enter("a")));
    expect([...one.parts, ...two.parts]).toHaveLength(1);
  });

  it("goes on for those who listen elsewhere, and not when they have left", async () => {
    stopTime();
    const { one, two } = twoNodes({ orphan: "10s" });
    const starter = listen(await one.enter("a"));
    const there = listen(await two.enter("a"));
    await settled();
    expect(await two.runs.get("a")).toMatchObject({
      state: "running",
      events: undefined,
      listeners: 1,
    });
    starter.leave();
    for (let minute = 0; minute < 5; minute++) await pass(60_000);
    expect(one.part.signal.aborted).toBe(false);
    there.leave();
    await pass(LEASE + 10_000);
    expect(one.part.signal.aborted).toBe(true);
    expect(one.runs.list()).toMatchObject([{ state: "orphaned" }]);
  });

  it("does not ask without a pause whether somebody listens elsewhere, however short `orphan` is", async () => {
    stopTime();
    const { one, two, stores } = twoNodes({ orphan: 0 });
    const starter = listen(await one.enter("a"));
    const there = listen(await two.enter("a"));
    await settled();
    const renew = vi.spyOn(stores[0], "renew");
    starter.leave();
    await pass(60_000);
    expect(renew.mock.calls.length).toBeLessThan(80);
    there.leave();
    await pass(LEASE + 1_000);
    expect(one.part.signal.aborted).toBe(true);
  });

  it("goes on for each who listens elsewhere, also where two came before either listened", async () => {
    stopTime();
    const { one, two, stores } = twoNodes({ orphan: "10s" });
    await one.enter("a");
    const sources = [await two.enter("a"), await two.enter("a")];
    const [first, second] = sources.map((source) => listen(source));
    await settled();
    expect(await two.runs.get("a")).toMatchObject({ listeners: 2 });
    first!.leave();
    for (let minute = 0; minute < 5; minute++) await pass(60_000);
    expect(one.part.signal.aborted).toBe(false);
    stores[0].cut();
    await pass(LEASE + LEASE / 3);
    expect(second!.heard).toEqual(["<complete failed>"]);
    expect(await two.runs.get("a")).toMatchObject({ listeners: 0 });
  });

  it("is cancelled from anywhere, and learns of it", async () => {
    const { one, two } = twoNodes();
    const here = listen(await one.enter("a"));
    one.part.say("one");
    await settled();
    expect(await two.runs.cancel("a")).toBe(true);
    expect(await two.runs.cancel("a")).toBe(false);
    await settled();
    expect(here.heard).toEqual(["one", "<complete cancelled>"]);
    one.part.say("two");
    await settled();
    expect(one.part.signal.aborted).toBe(true);
    expect([one.failures, one.taken]).toEqual([[], ["a"]]);
    expect(await one.runs.get("a")).toMatchObject({ state: "cancelled", events: 1 });
    expect(await two.runs.get("a")).toMatchObject({ state: "cancelled", events: undefined });
  });

  it("is cancelled where another process has it by now, which who had it does not know yet", async () => {
    stopTime();
    const { one, two, stores } = twoNodes({ restart: "on-error" });
    await one.enter("a");
    one.part.say("one");
    await settled();
    stores[0].cut();
    await pass(LEASE);
    const ear = listen(await two.enter("a"));
    stores[0].mend();
    expect(one.runs.list()).toMatchObject([{ state: "running" }]);
    expect(await one.runs.cancel("a")).toBe(true);
    await settled();
    expect(ear.heard).toEqual(["<complete cancelled>"]);
    expect(await two.runs.cancel("a")).toBe(false);
  });

  it("is cancelled where another process takes it over at that moment", async () => {
    stopTime();
    const { one, two, stores, broker, shared } = twoNodes({ restart: "on-error" });
    const three = new RunNode({ broker, store: shared, run: { restart: "on-error" } });
    await one.enter("a");
    stores[0].cut();
    await pass(LEASE);
    vi.spyOn(stores[1], "find").mockImplementationOnce(async (key) => {
      const found = shared.find(key);
      await three.enter("a");
      return found;
    });
    expect(await two.runs.cancel("a")).toBe(true);
    expect(await two.runs.get("a")).toMatchObject({ state: "cancelled" });
  });

  it("that publishes nothing learns with its next renewal that it was cancelled", async () => {
    stopTime();
    const { one, two } = twoNodes();
    await one.enter("a");
    await two.runs.cancel("a");
    await pass(LEASE / 3);
    expect(one.part.signal.aborted).toBe(true);
    expect(one.part.finals).toBe(1);
  });
});

describe("a process that is gone", () => {
  it("is noticed within the lease, and who listens elsewhere is told", async () => {
    stopTime();
    const { one, two, stores } = twoNodes();
    await one.enter("a");
    one.part.say("one");
    const ear = listen(await two.enter("a"));
    await pass(60_000);
    expect(ear.heard).toEqual(["one"]);
    stores[0].cut();
    await pass(LEASE + LEASE / 3);
    expect(ear.heard).toEqual(["one", "<complete failed>"]);
    expect(await two.runs.get("a")).toMatchObject({ state: "lost" });
    expect(listen(await two.enter("a")).heard).toEqual(["one", "<complete failed>"]);
    expect(two.parts).toEqual([]);
  });

  it("is noticed by who comes first after it, too", async () => {
    stopTime();
    const { one, two, stores } = twoNodes();
    await one.enter("a");
    one.part.say("one");
    await settled();
    stores[0].cut();
    await pass(LEASE);
    expect(await two.runs.get("a")).toMatchObject({ state: "lost" });
    expect(listen(await two.attach("a")).heard).toEqual(["one", "<complete failed>"]);
  });

  it("is replaced where its run is restarted, and can't publish any more when it is back", async () => {
    stopTime();
    const { one, two, stores, broker } = twoNodes({ restart: "on-error" });
    const stuck = listen(await one.enter("a"));
    one.part.say("one");
    const ear = listen(await two.enter("a"));
    await settled();
    stores[0].cut();
    await pass(LEASE + LEASE / 3);
    // It hears the end too, since the broker tells it.
    expect([ear.heard, stuck.heard]).toEqual([
      ["one", "<interrupt>"],
      ["one", "<interrupt>"],
    ]);
    const again = listen(await two.enter("a"), ear.events.at(-1)!.id);
    expect(two.parts).toHaveLength(1);
    const publish = vi.spyOn(broker, "publish");
    one.part.say("from the grave");
    two.part.say("uno");
    await settled();
    const stored = publish.mock.results.filter(({ type }) => type === "return");
    expect(stored).toHaveLength(1);
    expect(again.heard).toEqual(["<reset unknown>", "uno"]);
    expect(one.part.signal.aborted).toBe(true);
    expect([one.failures, one.taken]).toEqual([[], ["a"]]);
    stores[0].mend();
    expect(listen(await one.enter("a")).heard).toEqual(["uno"]);
  });

  it("is not thought gone while its renewals come, however long it is quiet", async () => {
    stopTime();
    const { one, two } = twoNodes();
    await one.enter("a");
    const ear = listen(await two.enter("a"));
    for (let minute = 0; minute < 50; minute++) await pass(60_000);
    one.part.say("at last");
    await settled();
    expect(ear.heard).toEqual(["at last"]);
  });
});

describe("a process that ends a run and can't store that any more", () => {
  it("has ended it as its listeners were told: what was done is not started anew", async () => {
    stopTime();
    const { one, two, stores } = twoNodes({ restart: "on-error" });
    const ear = listen(await one.enter("a"));
    one.part.say("one");
    one.part.end();
    vi.spyOn(stores[0], "finish").mockReturnValue(
      new Promise((resolve) => onTestFinished(() => resolve(false))),
    );
    await settled();
    expect(ear.heard).toEqual(["one", "<complete>"]);
    stores[0].cut();
    await pass(LEASE);
    expect(await two.runs.cancel("a")).toBe(false);
    expect(listen(await two.enter("a")).heard).toEqual(["one", "<complete>"]);
    expect(await two.runs.get("a")).toMatchObject({ state: "done" });
  });

  it("has cancelled it for good, though who runs it is told first", async () => {
    const { one, two, stores } = twoNodes({ restart: "on-error" });
    await one.enter("a");
    one.part.say("one");
    await settled();
    const { finish } = stores[1];
    let goOn!: () => void;
    const late = new Promise<void>((resolve) => (goOn = resolve));
    vi.spyOn(stores[1], "finish").mockImplementationOnce(async (...args) => {
      await late;
      return finish.apply(stores[1], args);
    });
    const cancelling = two.runs.cancel("a");
    await settled();
    one.part.say("two");
    await settled();
    goOn();
    expect(await cancelling).toBe(true);
    expect(await one.runs.get("a")).toMatchObject({ state: "cancelled", events: 1 });
    expect(listen(await one.enter("a")).heard).toEqual(["one", "<complete cancelled>"]);
    expect(one.parts).toHaveLength(1);
  });
});

describe("a store that fails", () => {
  const failure = new Error("away");

  it("is told to who comes, and reported once by what runs, which goes on when it is back", async () => {
    stopTime();
    const { one, two, stores } = twoNodes();
    const ear = listen(await one.enter("a"));
    listen(await two.enter("a"));
    await settled();
    for (const store of stores) store.failure = failure;
    await expect(two.enter("b")).rejects.toBe(failure);
    await pass(LEASE - 1);
    expect([one.failures, two.failures]).toEqual([[failure], [failure]]);
    for (const store of stores) store.failure = undefined;
    one.part.say("one");
    await settled();
    expect(ear.heard).toEqual(["one"]);
    await two.enter("b");
  });

  it("does not let an orphan be cancelled for which nobody can say whether it is one", async () => {
    stopTime();
    const { one, stores } = twoNodes({ orphan: "5s" });
    await one.enter("a");
    stores[0].failure = failure;
    await pass(14_000);
    expect(one.part.signal.aborted).toBe(false);
    stores[0].failure = undefined;
    await pass(10_000);
    expect(one.part.signal.aborted).toBe(true);
  });

  it("keeps nobody waiting for long who wants to start anew what has failed", async () => {
    stopTime();
    const { one, stores } = twoNodes({ restart: "on-error" });
    await one.enter("a");
    one.part.say("one");
    await settled();
    stores[0].failure = failure;
    one.part.fail();
    await pass(0);
    const refused = one.enter("a").catch((error: unknown) => error);
    await pass(LEASE);
    expect(await refused).toMatchObject({ statusCode: 503 });
    stores[0].failure = undefined;
    await pass(5_000);
    await one.enter("a");
    expect(one.parts).toHaveLength(2);
  });

  it("is asked again until the end is stored", async () => {
    stopTime();
    const { one, two, stores } = twoNodes();
    await one.enter("a");
    one.part.say("one");
    await settled();
    stores[0].failure = failure;
    one.part.end();
    await pass(LEASE / 2);
    stores[0].failure = undefined;
    await pass(5_000);
    expect(await two.runs.get("a")).toMatchObject({ state: "done", events: 1 });
    expect(one.failures[0]).toBe(failure);
  });
});

it("takes the store of the broker where it has one", async () => {
  const broker = Object.assign(new MemoryBroker(), { runs: new MemoryRunStore() });
  const [one, two] = [new RunNode({ broker }), new RunNode({ broker })];
  await one.enter("a");
  await two.enter("a");
  expect([one.parts.length, two.parts.length]).toEqual([1, 0]);
});
