import { describe, expect, it, vi } from "vitest";
import { connect, listen, pass, RunNode, settled, stopTime } from "../../test/run-node.js";
import type { Part } from "../../test/part.js";
import { Channels } from "../channel/channels.js";
import { MemoryBroker } from "../channel/memory-broker.js";
import { SluiceError } from "../errors.js";
import { SseStream } from "../stream/sse-stream.js";

const MINUTE = 60_000;

describe("a run that nobody listens to", () => {
  it("is stopped after `orphan`, also when nobody ever came", async () => {
    stopTime();
    const node = new RunNode();
    await node.enter("a");
    await pass(2 * MINUTE - 1);
    expect(node.part.signal.aborted).toBe(false);
    await pass(1);
    expect(node.part.signal.aborted).toBe(true);
    expect(node.part.finals).toBe(1);
    expect(node.runs.list()).toMatchObject([{ state: "orphaned" }]);
    expect(listen(await node.attach("a")).heard).toEqual(["<complete failed>"]);
  });

  it("goes on for who comes in time, and counts anew when the last has left", async () => {
    stopTime();
    const node = new RunNode({ run: { orphan: "10s" } });
    const source = await node.enter("a");
    await pass(9_000);
    const ears = [listen(source), listen(source)];
    await pass(MINUTE);
    ears[0]!.leave();
    await pass(MINUTE);
    ears[1]!.leave();
    await pass(9_999);
    expect(node.part.signal.aborted).toBe(false);
    await pass(1);
    expect(node.part.signal.aborted).toBe(true);
  });

  it("goes on for ever with `orphan: false`, and leaves no timer behind when it is over", async () => {
    stopTime();
    const node = new RunNode({ run: { orphan: false, keep: 0 } });
    await node.enter("a");
    await pass(59 * MINUTE);
    expect(node.part.signal.aborted).toBe(false);
    node.part.end();
    await pass(MINUTE);
    expect(node.runs.list()).toEqual([]);
    await node.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a run that has too much", () => {
  it.each([
    { run: { maxEvents: 2 }, allowed: ["one", "two"], then: "three" },
    { run: { maxBytes: 70 }, allowed: ["one", "two"], then: "x" },
  ])("fails beyond $run", async ({ run, allowed, then }) => {
    const node = new RunNode({ run });
    const ear = listen(await node.enter("a"));
    node.part.say(...allowed);
    await settled();
    expect(node.failures).toEqual([]);
    node.part.say(then);
    await settled();
    expect(ear.heard).toEqual([...allowed, "<complete failed>"]);
    expect(node.failures).toMatchObject([{ code: "ERR_RUN_LIMIT" }]);
    expect(node.part.finals).toBe(1);
    // All of what it had is still there.
    expect(listen(await node.attach("a")).heard).toEqual([...allowed, "<complete failed>"]);
  });

  it("fails after maxDuration, and stops", async () => {
    stopTime();
    const node = new RunNode({ run: { maxDuration: "1m" } });
    const ear = listen(await node.enter("a"));
    node.part.say("one");
    await pass(MINUTE);
    expect(ear.heard).toEqual(["one", "<complete failed>"]);
    expect(node.failures).toMatchObject([
      {
        code: "ERR_RUN_LIMIT",
        message:
          'Test.route: the run of the key "a" takes longer than maxDuration, 60000 ms. Raise that option of @Run, or let the handler come to an end before.',
      },
    ]);
    expect(node.part.finals).toBe(1);
  });
});

describe("limits on runs", () => {
  it("refuses a run beyond maxRuns, joins all the same, and has room again when one ends", async () => {
    const node = new RunNode({ maxRuns: 2 });
    await node.enter("a");
    await node.enter("b");
    await expect(node.enter("c")).rejects.toMatchObject({
      statusCode: 503,
      code: "ERR_LIMIT",
      limit: "runs",
    });
    await node.enter("a");
    await node.runs.cancel("a");
    await node.enter("c");
    expect(node.parts).toHaveLength(3);
  });

  it("counts for each principal, and nobody's not at all", async () => {
    const node = new RunNode({ maxPerPrincipal: 1 });
    await node.enter("a", { principal: "ann" });
    const refused = { statusCode: 429, code: "ERR_LIMIT", limit: "principal-runs" };
    await expect(node.enter("b", { principal: "ann" })).rejects.toMatchObject(refused);
    await node.enter("b", { principal: "ben" });
    await node.enter("a");
    await node.enter("b");
    await node.runs.cancel("a", { principal: "ann" });
    await node.enter("b", { principal: "ann" });
    expect(node.parts).toHaveLength(5);
  });
});

describe("whatever a handler returns", () => {
  const words = ["one", "two"].map((text) => ({ event: "word", data: { text } }));

  it.each([
    [
      "an async generator",
      async function* () {
        yield* words;
      },
    ],
    [
      "a generator",
      function* () {
        yield* words;
      },
    ],
    ["an array", () => words],
    ["a promise of a source", async () => words],
    [
      "a web stream",
      () =>
        new ReadableStream({
          start(controller) {
            for (const word of words) controller.enqueue(word);
            controller.close();
          },
        }),
    ],
    [
      "an SseStream",
      () => {
        const stream = new SseStream();
        for (const word of words) stream.send(word);
        stream.close();
        return stream;
      },
    ],
    [
      "an observable",
      () => ({
        subscribe(observer: { next(value: unknown): void; complete(): void }) {
          for (const word of words) observer.next(word);
          observer.complete();
          return { unsubscribe: () => undefined };
        },
      }),
    ],
  ])("%s runs", async (_, call) => {
    const node = new RunNode();
    const ear = await connect(await node.enter("a", { call }));
    await settled();
    expect(ear.heard).toEqual(["one", "two", "<complete>"]);
  });

  const channels = new Channels();
  it.each([
    ["a channel", channels.get("c"), "ERR_RUN"],
    ["a subscription", channels.get("c").subscribe(), "ERR_RUN"],
    ["a merge", channels.merge(channels.get("c")), "ERR_RUN"],
    ["nothing", undefined, "ERR_SOURCE"],
  ])("%s is refused", async (_, value, code) => {
    const node = new RunNode();
    const waiting = connect(await node.enter("a", { call: () => value }));
    await expect(waiting).rejects.toMatchObject({ code });
  });

  it("fails for an event with an id, since the ids are the channel's", async () => {
    const node = new RunNode();
    const call = () => [{ data: 1 }, { id: "7", data: 2 }];
    const ear = await connect(await node.enter("a", { call }));
    await settled();
    expect(ear.heard.at(-1)).toBe("<complete failed>");
    expect(node.failures).toMatchObject([{ code: "ERR_RUN" }]);
  });
});

describe("the handler", () => {
  it("gets a signal of its own, no cursor, and else what the request has", async () => {
    const node = new RunNode();
    const seen: unknown[] = [];
    await node.enter("a", {
      call: (signal, context) => {
        seen.push(context.signal === signal, context.lastEventId, context.ip);
        return [];
      },
    });
    expect(seen).toEqual([true, undefined, "203.0.113.7"]);
  });

  it.each([
    [{ id: "7", data: 1 }, 'Test.route: an event of a run has the id "7", but Sluice gives'],
    [{ comment: "hello" }, "Test.route: an event of a run has no data, so that"],
  ])("is told by its name what can't be an event of a run: %j", async (event, message) => {
    const node = new RunNode();
    const source = await node.enter("a", { call: () => [event] });
    await expect(connect(source)).rejects.toMatchObject({
      code: "ERR_RUN",
      message: expect.stringContaining(message) as string,
    });
  });

  it("is aborted when its run is done, so that what it left behind stops", async () => {
    const node = new RunNode();
    await node.enter("a");
    node.part.end();
    await settled();
    expect(node.part.signal.reason).toMatchObject({ message: "The run is done." });
  });

  it.each<[string, (node: RunNode, part: Part) => unknown]>([
    ["done", (_, part) => part.end()],
    ["failed", (_, part) => part.fail()],
    ["cancelled", (node) => node.runs.cancel("a")],
    ["disposed of with the application", (node) => node.close()],
    ["cancelled twice", (node) => Promise.all([node.runs.cancel("a"), node.runs.cancel("a")])],
  ])(
    "runs its `finally` once, and what was made for it is freed after that, when %s",
    async (_, end) => {
      const node = new RunNode();
      const freed: number[] = [];
      await node.enter("a", { dispose: () => void freed.push(node.part.finals) });
      node.part.say("one");
      await settled();
      await end(node, node.part);
      await settled();
      expect(node.part.finals).toBe(1);
      expect(freed).toEqual([1]);
    },
  );

  it("may cancel its own run from within, whether it is an async generator or not", async () => {
    const node = new RunNode();
    const log: string[] = [];
    const sync = function* () {
      try {
        void node.runs.cancel("a");
        yield "dropped";
        log.push("went on");
      } finally {
        log.push("sync");
      }
    };
    const async = async function* () {
      try {
        void node.runs.cancel("b");
        yield "dropped";
        log.push("went on");
      } finally {
        log.push("async");
      }
    };
    const ears = [
      await connect(await node.enter("a", { call: () => sync() })),
      await connect(await node.enter("b", { call: () => async() })),
    ];
    await settled();
    expect(log).toEqual(["sync", "async"]);
    for (const ear of ears) expect(ear.heard).toEqual(["<complete cancelled>"]);
  });

  it("that ignores its signal is watched, and keeps nobody waiting but what it may use", async () => {
    stopTime();
    const node = new RunNode();
    const dispose = vi.fn<() => void>();
    const ear = await connect(
      await node.enter("a", {
        dispose,
        call: async function* () {
          yield { event: "word", data: { text: "one" } };
          await new Promise(() => {});
        },
      }),
    );
    await pass(0);
    expect(await node.runs.cancel("a")).toBe(true);
    await pass(0);
    expect(ear.heard).toEqual(["one", "<complete cancelled>"]);
    expect(node.stopping).toHaveLength(1);
    await pass(9_999);
    expect(dispose).not.toHaveBeenCalled();
    await pass(1);
    expect(dispose).toHaveBeenCalledOnce();
  });

  it("that throws while it stops is reported to who watches it, and nobody else", async () => {
    const node = new RunNode();
    const late = new Error("late");
    let free!: () => void;
    await node.enter("a", {
      call: async function* () {
        await new Promise<void>((resolve) => (free = resolve));
        yield "dropped";
        throw late;
      },
    });
    await node.runs.cancel("a");
    free();
    expect(await node.stopping[0]).toBe(true);
    await node.enter("b", {
      call: async function* () {
        await new Promise<void>((resolve) => (free = resolve));
        yield "never";
        throw late;
      },
    });
    await node.runs.cancel("b");
    expect(node.failures).toEqual([]);
  });

  it("that never waits leaves the others a turn", async () => {
    const node = new RunNode();
    let turns = 0;
    const turn = (): void => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    await node.enter("a", {
      call: function* () {
        for (let n = 0; n < 1_000; n++) yield String(n);
      },
    });
    await vi.waitFor(() => expect(node.runs.list()).toMatchObject([{ state: "done" }]));
    clearImmediate(next);
    expect(turns).toBeGreaterThan(20);
  });
});

describe("an `onError` that never answers", () => {
  it("keeps nobody waiting for the end", async () => {
    stopTime();
    const node = new RunNode();
    const onError = (): Promise<never> => new Promise(() => {});
    const ear = listen(await node.enter("a", { onError }));
    node.part.say("one");
    node.part.fail();
    await pass(9_999);
    expect(ear.heard).toEqual(["one"]);
    await pass(1);
    expect(ear.heard).toEqual(["one", "<complete failed>"]);
    expect(node.failures).toMatchObject([{ message: "secret" }, { code: "ERR_RUN_LIMIT" }]);
  });
});

describe("a broker that fails", () => {
  it("fails the run, and is asked until its end is stored", async () => {
    stopTime();
    const broker = new MemoryBroker();
    const node = new RunNode({ broker });
    const ear = listen(await node.enter("a"));
    node.part.say("one");
    await pass(0);
    const publish = vi.spyOn(broker, "publish").mockImplementation(() => {
      throw new SluiceError("ERR_NOT_STORED", "It is away.");
    });
    node.part.say("two");
    await pass(30_000);
    expect(ear.heard).toEqual(["one"]);
    // The failure of the run, and the first one of its end.
    expect(node.failures).toMatchObject([{ code: "ERR_NOT_STORED" }, { code: "ERR_NOT_STORED" }]);
    publish.mockRestore();
    await pass(5_000);
    expect(ear.heard).toEqual(["one", "<complete failed>"]);
    expect(node.runs.list()).toMatchObject([{ state: "failed", events: 1 }]);
  });

  it("does not hold up the end of the application", async () => {
    const broker = new MemoryBroker();
    const node = new RunNode({ broker });
    await node.enter("a");
    vi.spyOn(broker, "publish").mockImplementation(() => {
      throw new SluiceError("ERR_NOT_STORED", "It is away.");
    });
    await node.close();
    expect(node.part.finals).toBe(1);
  });
});

describe("a server that closes", () => {
  it("starts nothing any more, and lets what runs come to its end", async () => {
    const node = new RunNode();
    const ear = listen(await node.enter("a"));
    const draining = node.runs.drain(MINUTE);
    await expect(node.enter("b")).rejects.toMatchObject({ statusCode: 503 });
    expect(listen(await node.enter("a")).heard).toEqual([]);
    node.part.say("last");
    node.part.end();
    await draining;
    await settled();
    expect(ear.heard).toEqual(["last", "<complete>"]);
  });

  it("abandons what takes longer, and waits for nothing where nothing runs", async () => {
    stopTime();
    const node = new RunNode();
    await node.enter("a");
    const draining = node.runs.drain(2_000);
    await pass(1_999);
    expect(node.part.signal.aborted).toBe(false);
    await pass(1);
    await draining;
    expect(await node.runs.get("a")).toMatchObject({ state: "lost" });
    await node.runs.drain(MINUTE);
    expect(node.part.finals).toBe(1);
  });
});
