import { describe, expect, it, vi } from "vitest";
import { connect, listen, pass, RunNode, settled, stopTime } from "../../test/run-node.js";
import type { Words } from "../../test/part.js";
import { HttpError } from "../pipeline/http-error.js";
import { MemoryBroker } from "../channel/memory-broker.js";
import type { Frame } from "../frame.js";

describe("starting and joining", () => {
  it("starts one run for a key at the same tick, and another for another key", async () => {
    const node = new RunNode();
    const sources = await Promise.all([node.enter("a"), node.enter("a"), node.enter("b")]);
    expect(node.parts).toHaveLength(2);
    const ears = sources.map((source) => listen(source));
    node.parts[0]!.say("of a");
    node.parts[1]!.say("of b");
    await settled();
    expect(ears.map(({ heard }) => heard)).toEqual([["of a"], ["of a"], ["of b"]]);
  });

  it("gives all of a run to who joins late, and what is missing to who was there", async () => {
    const node = new RunNode();
    const first = listen(await node.enter("a"));
    node.part.say("one", "two");
    await settled();
    first.leave();
    node.part.say("three");
    node.part.end();
    await settled();
    expect(listen(await node.enter("a")).heard).toEqual(["one", "two", "three", "<complete>"]);
    const back = listen(await node.enter("a"), first.events.at(-1)!.id);
    expect(back.heard).toEqual(["three", "<complete>"]);
    expect(node.parts).toHaveLength(1);
  });

  it("follows a run and starts none, and says 404 where there is none", async () => {
    const node = new RunNode();
    await expect(node.attach("a")).rejects.toMatchObject({ statusCode: 404, code: "ERR_NO_RUN" });
    await node.enter("a");
    const ear = listen(await node.attach("a"));
    node.part.say("one");
    await settled();
    expect(ear.heard).toEqual(["one"]);
  });

  it("tells a client whose id is of something else that it is reset, and then everything", async () => {
    const node = new RunNode();
    await node.enter("a");
    node.part.say("one", "two");
    await settled();
    for (const id of ["of-mine", "1.AAAAAAAA.7", ""]) {
      const ear = listen(await node.attach("a"), id);
      expect(ear.heard.slice(-2)).toEqual(["one", "two"]);
      expect(ear.counts.reset).toBe(id === "" ? 0 : 1);
    }
  });

  it("forgets a run when it has been kept, and starts anew", async () => {
    stopTime();
    const node = new RunNode({ run: { keep: "1m" } });
    await node.enter("a");
    node.part.end();
    await pass(59_000);
    expect(node.runs.list()).toHaveLength(1);
    await pass(1_000);
    expect(node.runs.list()).toEqual([]);
    await expect(node.attach("a")).rejects.toMatchObject({ statusCode: 404 });
    await node.enter("a");
    expect(node.parts).toHaveLength(2);
  });

  it("tells who comes when the beginning was dropped that it is missing", async () => {
    const node = new RunNode({ broker: new MemoryBroker({ maxBytes: 3_000 }) });
    await node.enter("a");
    node.part.say("one", ..."2345".split("").map((digit) => digit.repeat(500)));
    await settled();
    const ear = listen(await node.attach("a"));
    expect(ear.heard[0]).toBe("<reset trimmed>");
    expect(ear.heard).not.toContain("one");
    expect(ear.heard.at(-1)).toBe("5".repeat(500));
  });

  it("starts anew where the events of one that is kept were dropped", async () => {
    const node = new RunNode();
    await node.enter("a");
    node.part.say("one");
    node.part.end();
    await settled();
    // As if the broker had forgotten that there was one.
    const following = { position: "1.AAAAAAAA.0", ended: undefined, stop: () => undefined };
    const follow = vi.spyOn(node.channels.broker, "follow").mockReturnValue(following);
    await expect(node.attach("a")).rejects.toMatchObject({ statusCode: 404 });
    await node.enter("a");
    follow.mockRestore();
    expect(node.parts).toHaveLength(2);
  });
});

describe("failing before anybody was told that it is there", () => {
  const broken = new HttpError(402);

  it("is told to all who wait, whenever they came, and frees the key at once", async () => {
    const node = new RunNode();
    const waiting = [connect(await node.enter("a")), connect(await node.enter("a"))];
    node.part.fail(broken);
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes).toEqual([
      { status: "rejected", reason: broken },
      { status: "rejected", reason: broken },
    ]);
    await expect(node.attach("a")).rejects.toMatchObject({ statusCode: 404 });
    expect(node.runs.list()).toEqual([]);
    await node.enter("a");
    expect(node.parts).toHaveLength(2);
    expect(node.failures).toEqual([]);
  });

  it("is so for what the handler throws itself, however long it has waited", async () => {
    stopTime();
    const node = new RunNode();
    const call = async (): Promise<never> => {
      await new Promise((resolve) => void setTimeout(resolve, 5_000));
      throw broken;
    };
    const source = await node.enter("a", { call });
    const outcome = connect(source, 100).catch((error: unknown) => error);
    await pass(5_000);
    expect(await outcome).toBe(broken);
  });

  it("is reported where nobody waits any more", async () => {
    const node = new RunNode();
    const source = await node.enter("a");
    const ear = connect(source);
    const other = connect(source).catch((error: unknown) => error);
    node.part.fail(broken);
    expect(await other).toBe(broken);
    await expect(ear).rejects.toBe(broken);
    await node.enter("b");
    node.part.fail(broken);
    await settled();
    expect(node.failures).toEqual([broken]);
  });

  it("lets who comes at that moment start anew", async () => {
    const node = new RunNode();
    await node.enter("a");
    node.part.fail(broken);
    await vi.waitFor(() => expect(node.parts[0]!.finals).toBe(1));
    await Promise.all([node.enter("a"), node.enter("a")]);
    expect(node.parts).toHaveLength(2);
  });
});

describe("failing later", () => {
  it("is told to all who listen and who come later, is reported once and tells no client why", async () => {
    const node = new RunNode();
    const ear = listen(await node.enter("a"));
    const error = new Error("secret");
    node.part.say("one");
    node.part.fail(error);
    await settled();
    expect(ear.heard).toEqual(["one", "<complete failed>"]);
    expect(listen(await node.enter("a")).heard).toEqual(["one", "<complete failed>"]);
    expect(node.failures).toEqual([error]);
    expect(node.runs.list()).toMatchObject([{ key: "a", state: "failed", events: 1 }]);
  });

  it("is one of these when the first event takes longer than the head can wait", async () => {
    const node = new RunNode();
    const ear = await connect(await node.enter("a"), 1);
    node.part.fail();
    await settled();
    expect(ear.heard).toEqual(["<complete failed>"]);
    expect(listen(await node.attach("a")).heard).toEqual(["<complete failed>"]);
  });

  it("tells the event of onError before the end, and goes on without it where that throws", async () => {
    const node = new RunNode();
    const onError = (error: unknown) => ({
      event: "word",
      data: { text: `sorry: ${(error as Error).message}` },
    });
    const ear = listen(await node.enter("a", { onError }));
    node.part.say("one");
    node.part.fail(new Error("full"));
    await settled();
    expect(ear.heard).toEqual(["one", "sorry: full", "<complete failed>"]);

    const fault = new Error("fault");
    const throws = (): never => {
      throw fault;
    };
    const other = listen(await node.enter("b", { onError: throws }));
    node.part.say("one");
    node.part.fail();
    await settled();
    expect(other.heard).toEqual(["one", "<complete failed>"]);
    expect(node.failures.at(-1)).toBe(fault);
  });
});

describe("restart: on-error", () => {
  const run = { restart: "on-error" } as const;

  it("lets who listens come back, and the first who does starts anew, from the beginning", async () => {
    const node = new RunNode({ run });
    const ear = listen(await node.enter("a"));
    node.part.say("one", "two");
    node.part.fail();
    await settled();
    expect(ear.heard).toEqual(["one", "two", "<interrupt>"]);
    const id = ear.events.at(-1)!.id;
    const [first, second] = await Promise.all([node.enter("a"), node.enter("a")]);
    expect(node.parts).toHaveLength(2);
    const ears = [listen(first, id), listen(second, id), listen(await node.enter("a"))];
    node.part.say("uno");
    node.part.end();
    await settled();
    const anew = ["<reset unknown>", "uno", "<complete>"];
    expect(ears.map(({ heard }) => heard)).toEqual([anew, anew, ["uno", "<complete>"]]);
  });

  it("does not start anew what is done, nor what was cancelled, which is final for who listens", async () => {
    const node = new RunNode({ run });
    await node.enter("a");
    node.part.end();
    const ear = listen(await node.enter("b"));
    await settled();
    expect(await node.runs.cancel("b")).toBe(true);
    await settled();
    expect(ear.heard).toEqual(["<complete cancelled>"]);
    expect(listen(await node.enter("a")).heard).toEqual(["<complete>"]);
    expect(listen(await node.enter("b")).heard).toEqual(["<complete cancelled>"]);
    expect(node.parts).toHaveLength(2);
  });

  it("starts anew what nobody had listened to", async () => {
    stopTime();
    const node = new RunNode({ run: { ...run, orphan: "10s" } });
    await node.enter("a");
    await pass(10_000);
    expect(node.runs.list()).toMatchObject([{ state: "orphaned" }]);
    await node.enter("a");
    expect(node.runs.list()).toMatchObject([{ state: "running" }]);
  });

  it("gives the handler what the attempt before has published, without ids, to go on from", async () => {
    const node = new RunNode({ run });
    await node.enter("a");
    node.part.say("one", "two");
    node.part.fail();
    await settled();
    const previous: unknown[] = [];
    const source = await node.enter("a", {
      call: async function* (_, ctx) {
        for await (const event of ctx.previous) {
          previous.push(event);
          yield event;
        }
        for await (const _ of ctx.previous) previous.push("again");
        yield { event: "word", data: { text: "three" } };
      },
    });
    const ear = listen(source);
    await settled();
    await settled();
    expect(previous).toEqual([
      { event: "word", data: { text: "one" } },
      { event: "word", data: { text: "two" } },
      "again",
      "again",
    ]);
    expect(ear.heard).toEqual(["one", "two", "three", "<complete>"]);
  });

  it("gives a handler no events of an attempt that is gone, or that was whole", async () => {
    stopTime();
    const node = new RunNode({ run: { ...run, keep: "1m" } });
    const enter = async (): Promise<unknown[]> => {
      const previous: unknown[] = [];
      await node.enter("a", {
        call: async function* (_, ctx) {
          for await (const event of ctx.previous) previous.push(event);
          yield { event: "word", data: { text: "said" } };
          if (node.ends.length === 0) throw new Error("broken");
        },
      });
      await settled();
      return previous;
    };
    expect(await enter()).toEqual([]);
    await pass(180_000);
    expect(await enter()).toEqual([]);
    await pass(180_000);
    expect(await enter()).toEqual([]);
    expect(node.ends.map(({ end }) => end.state)).toEqual(["failed", "done", "done"]);
  });

  it("does so `maxAttempts` times in all: then it has failed, for who listens and who comes", async () => {
    const node = new RunNode({ run: { ...run, maxAttempts: 2 } });
    const first = listen(await node.enter("a"));
    node.part.say("one");
    node.part.fail();
    await settled();
    const second = listen(await node.enter("a"));
    node.part.say("uno");
    node.part.fail();
    await settled();
    expect([first.heard, second.heard]).toEqual([
      ["one", "<interrupt>"],
      ["uno", "<complete failed>"],
    ]);
    expect(listen(await node.enter("a")).heard).toEqual(["uno", "<complete failed>"]);
    expect(node.parts).toHaveLength(2);
  });

  it("lets who is refused try again, who goes on from what there was, and tells others of that", async () => {
    const node = new RunNode({ run: { ...run, maxAttempts: 2 } });
    const refused = async (): Promise<unknown> => {
      const client = connect(await node.enter("a"), 1_000).catch((error: unknown) => error);
      node.part.fail();
      return client;
    };
    for (let n = 0; n < 3; n++) expect(await refused()).toBeInstanceOf(Error);
    await node.enter("a");
    node.part.say("one");
    node.part.fail();
    await settled();
    for (let n = 0; n < 3; n++) {
      expect(await refused()).toBeInstanceOf(Error);
      expect(await node.runs.get("a")).toMatchObject({ state: "refused" });
      expect(listen(await node.attach("a")).heard).toEqual(["one", "<complete failed>"]);
    }
    const previous: unknown[] = [];
    await node.enter("a", {
      call: async function* (_, ctx) {
        for await (const event of ctx.previous) yield event;
        for await (const event of ctx.previous) previous.push(event);
        throw new Error("broken again");
      },
    });
    await settled();
    await settled();
    expect(previous).toMatchObject([{ data: { text: "one" } }]);
    expect(listen(await node.enter("a")).heard).toEqual(["one", "<complete failed>"]);
  });

  it("begins no more once it was cancelled, also where that was between two attempts", async () => {
    const node = new RunNode({ run });
    const ear = listen(await node.enter("a"));
    node.part.say("one", "two");
    node.part.fail();
    await settled();
    const id = ear.events.at(-2)!.id;
    expect(await node.runs.cancel("a")).toBe(false);
    expect(await node.runs.get("a")).toMatchObject({ state: "cancelled" });
    expect(listen(await node.enter("a"), id).heard).toEqual(["two", "<complete failed>"]);
    expect(await node.runs.cancel("a")).toBe(false);
    expect(node.parts).toHaveLength(1);
  });

  it("tells who only follows, and comes after the failure, that this is final", async () => {
    const node = new RunNode({ run });
    await node.enter("a");
    node.part.say("one");
    node.part.fail();
    await settled();
    expect(listen(await node.attach("a")).heard).toEqual(["one", "<complete failed>"]);
  });
});

describe("the application's view", () => {
  it("lists the runs of the process, and finds one by its key and principal", async () => {
    const node = new RunNode();
    const ear = listen(await node.enter("a", { principal: "ann" }));
    node.part.say("one");
    await settled();
    const info = {
      key: "a",
      principal: "ann",
      state: "running",
      started: expect.any(Date) as Date,
      events: 1,
      listeners: 1,
    };
    expect(node.runs.list()).toEqual([info]);
    expect(await node.runs.get("a", { principal: "ann" })).toEqual(info);
    expect(await node.runs.get("a", { principal: "ben" })).toBeUndefined();
    expect(await node.runs.get("a")).toBeUndefined();
    node.part.end();
    await settled();
    ear.leave();
    expect(await node.runs.get("a", { principal: "ann" })).toEqual({
      ...info,
      state: "done",
      listeners: 0,
    });
  });

  it("cancels: who listens is told, the handler is stopped, and a second time is none", async () => {
    const node = new RunNode();
    const ear = listen(await node.enter("a"));
    node.part.say("one");
    await settled();
    expect(await node.runs.cancel("a", { principal: "ann" })).toBe(false);
    expect(await node.runs.cancel("a")).toBe(true);
    await settled();
    expect(ear.heard).toEqual(["one", "<complete cancelled>"]);
    expect(node.part.signal.reason).toMatchObject({
      name: "AbortError",
      message: "The run was cancelled.",
    });
    expect(node.part.finals).toBe(1);
    expect(await node.runs.cancel("a")).toBe(false);
    expect(node.runs.list()).toMatchObject([{ state: "cancelled" }]);
    expect(node.failures).toEqual([]);
  });

  it("attaches for a handler of one's own, with options of a subscription", async () => {
    const node = new RunNode();
    await node.enter("a", { principal: "ann" });
    node.part.say("one", "two");
    await settled();
    const ear = listen(
      await node.runs.attach<Words>("a", {
        principal: "ann",
        filter: ({ data }) => data.text !== "one",
      }),
    );
    expect(ear.heard).toEqual(["two"]);
    await expect(node.runs.attach("a")).rejects.toMatchObject({ statusCode: 404 });
    await expect(
      node.runs.attach("a", { principal: "ann", last: 1 } as object),
    ).rejects.toMatchObject({ code: "ERR_OPTION" });
  });

  it("gives the frames of a run to a loop, and then its outcome", async () => {
    const node = new RunNode();
    await node.enter("a");
    node.part.say("one");
    node.part.fail();
    await settled();
    const iterator = (await node.runs.attach("a"))[Symbol.asyncIterator]();
    const { value } = await iterator.next();
    expect((value as Frame).event.data).toEqual({ text: "one" });
    expect(await iterator.next()).toEqual({ done: true, value: "failed" });
  });
});
