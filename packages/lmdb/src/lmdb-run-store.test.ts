import { once } from "node:events";
import { join } from "node:path";
import type { NewRun, RunState, RunStore } from "@sluice/core";
import { open as openDatabase } from "lmdb";
import { afterEach, describe, expect, test, vi } from "vitest";
import { runFixture } from "../test/child.js";
import { open, path, publish } from "../test/history.js";
import type { LmdbBroker } from "./index.js";

// What every store of runs promises is held by the suite in @sluice/testing.

const LONG = 3_600_000;
const DONE = { state: "done", events: 3 } as const;
const LOST = { state: "lost", events: 0 } as const;

function runOf(key: string, attempt = "a"): NewRun {
  return { attempt, channel: `run/${key}/${attempt}`, principal: "ann", note: "" };
}

async function start(runs: RunStore, key: string, attempt = "a", after?: string): Promise<void> {
  expect(await runs.claim(key, runOf(key, attempt), after, LONG)).toBe(true);
}

afterEach(() => {
  vi.useRealTimers();
});

describe.each([false, true])("runs after a restart (sync: %s)", (sync) => {
  test("are what they were, but held by nobody", async () => {
    const before = open({ sync });
    await start(before.runs, "ended");
    await before.runs.finish("ended", "a", DONE, LONG);
    await start(before.runs, "running");
    await before.runs.watch("running", "a", LONG);
    const known = await before.runs.find("running");
    expect(known).toMatchObject({ state: "running", held: true });
    await before.close();

    const { runs } = open({ sync });
    expect(await runs.find("ended")).toMatchObject({ ...runOf("ended"), ...DONE, held: false });
    expect(await runs.find("running")).toEqual({ ...known, held: false });
    expect(await runs.renew("running", "a", LONG)).toEqual({ held: false, watched: false });
    expect(await runs.watch("running", "a", LONG)).toBe(false);
    expect(await runs.claim("running", runOf("running"), undefined, LONG)).toBe(false);
    expect(await runs.finish("running", "a", LOST, LONG)).toBe(true);
    await start(runs, "running", "b", "a");
  });

  test("are all there that were acknowledged, although the process was killed amid them", async () => {
    interface Said extends NewRun {
      readonly key: string;
      readonly state: RunState;
      readonly events?: number;
    }
    const said = new Map<string, Said>();
    for (let round = 0; round < 3; round++) {
      const { process: child, lines } = runFixture("runner", [path, String(sync)]);
      let seen = 0;
      lines.on("line", (line) => {
        // The last line may be cut off.
        if (line.endsWith("}")) {
          const one = JSON.parse(line) as Said;
          said.set(one.key, one);
        }
        if (++seen === 500 + round * 97) child.kill("SIGKILL");
      });
      await once(child, "close");
      expect(child.signalCode).toBe("SIGKILL");
    }

    const { runs } = open({ sync });
    expect(said.size).toBeGreaterThan(600);
    const states = new Set<RunState>();
    for (const { key, state, events = 0, ...run } of said.values()) {
      const found = await runs.find(key);
      expect(found).toMatchObject({ ...run, held: false });
      states.add(found!.state);
      // An end that was stored and not acknowledged may be there.
      if (state === "done") expect(found).toMatchObject({ state, events });
      else if (found!.state === "running") {
        expect(await runs.renew(key, run.attempt, LONG)).toMatchObject({ held: false });
        expect(await runs.finish(key, run.attempt, LOST, LONG)).toBe(true);
        await start(runs, key, "next", run.attempt);
      }
    }
    expect(states).toEqual(new Set(["running", "done"]));
  }, 30_000);
});

test("a run counts for others from the call on, and is refused when its commit fails", async () => {
  const { runs } = open({ sync: true });
  const claiming = runs.claim("key", runOf("key"), undefined, LONG);
  expect(claiming).toBeInstanceOf(Promise);
  expect(runs.claim("key", runOf("key", "b"), undefined, LONG)).toBe(false);
  expect(runs.find("key")).toMatchObject({ attempt: "a", held: true });
  const ending = runs.finish("key", "a", DONE, LONG);
  expect(runs.find("key")).toMatchObject({ ...DONE, held: false });
  expect(runs.finish("key", "a", DONE, LONG)).toBe(false);
  const following = runs.claim("key", runOf("key", "b"), "a", LONG);
  expect(await Promise.all([claiming, ending, following])).toEqual([true, true, true]);
  expect(runs.find("key")).toMatchObject({ attempt: "b", held: true });
});

test.each([false, true])(
  "what can't be stored is refused, and nothing has changed then (sync: %s)",
  async (sync) => {
    // A real failure of a write: files may not grow beyond 2 MiB in that process.
    const args = [path, String(sync)];
    const { lines } = runFixture("runs-on-small-disk", args, 'ulimit -f 4096; exec "$0" "$@"');
    const [line] = (await once(lines, "line")) as [string];
    expect(JSON.parse(line)).toEqual({
      refused: ["ERR_NOT_STORED", "ERR_NOT_STORED"],
      claimed: null,
      running: { state: "running", held: true },
      again: [true, true],
    });
  },
);

test("after the close of its broker a store of runs refuses all", async () => {
  const broker = open();
  const { runs } = broker;
  await broker.close();
  const calls = [
    () => runs.find("key"),
    () => runs.claim("key", runOf("key"), undefined, LONG),
    () => runs.renew("key", "a", LONG),
    () => runs.watch("key", "a", LONG),
    () => runs.finish("key", "a", DONE, LONG),
  ];
  for (const call of calls) {
    expect(call).toThrow(
      expect.objectContaining({ name: "SluiceError", code: "ERR_BROKER_CLOSED" }),
    );
  }
});

test("what is on its way when the broker closes is stored", async () => {
  const broker = open({ sync: true });
  const claiming = broker.runs.claim("key", runOf("key"), undefined, LONG);
  await broker.close();
  expect(await claiming).toBe(true);
  expect(await open({ sync: true }).runs.find("key")).toMatchObject({ attempt: "a" });
});

describe("the sweep", () => {
  /** How many runs are in the database. */
  async function countRuns(broker: LmdbBroker): Promise<number> {
    await broker.close();
    const db = openDatabase<Buffer, Buffer>({
      path: join(path, "history.mdb"),
      keyEncoding: "binary",
      encoding: "binary",
      overlappingSync: false,
    });
    const kinds = [...db.getKeys({})].map((key) => key[0]);
    await db.close();
    return kinds.filter((kind) => kind === 4).length;
  }

  /** Lets so much time pass, and everything be done that is due. */
  async function pass(broker: LmdbBroker, milliseconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(milliseconds);
    // A commit that was begun by a timer is over when this is.
    await publish(broker, "tick");
  }

  test("H4: removes runs that are not kept any longer, also those of many keys, and no others", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout", "performance"] });
    const broker = open();
    for (let n = 0; n < 1_000; n++) {
      await start(broker.runs, `key ${n}`);
      await broker.runs.finish(`key ${n}`, "a", DONE, n % 2 === 0 ? 10_000 : LONG);
    }
    await start(broker.runs, "running");
    await broker.runs.renew("running", "a", 10 * LONG);
    await pass(broker, 10_001);
    expect(await broker.runs.find("key 0")).toBeUndefined();
    for (let step = 0; step < 8; step++) await pass(broker, 11_000);
    expect(await broker.runs.find("key 1")).toMatchObject(DONE);
    expect(await broker.runs.find("running")).toMatchObject({ held: true });
    expect(await countRuns(broker)).toBe(501);
  });

  test("H4: forgets a run that nobody holds and nobody has ended after an hour, restarts or not", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout", "performance"] });
    let broker = open();
    await start(broker.runs, "key");
    await broker.runs.renew("key", "a", 10 * LONG);
    await pass(broker, 2 * LONG);
    await broker.close();
    // From now on nobody holds it.
    broker = open();
    await pass(broker, 11_000);
    await pass(broker, LONG / 2);
    expect(await broker.runs.find("key")).toMatchObject({ state: "running", held: false });
    await broker.close();
    broker = open();
    await pass(broker, 11_000);
    expect(await broker.runs.find("key")).toMatchObject({ state: "running", held: false });
    await pass(broker, LONG / 2);
    await pass(broker, 11_000);
    expect(await broker.runs.find("key")).toBeUndefined();
    await start(broker.runs, "other");
    expect(await countRuns(broker)).toBe(1);
  });
});
