import assert from "node:assert/strict";
import type { PromisedRun } from "./promised-run.js";
import { LONG, newRun } from "./run-bench.js";

const STATES = ["done", "failed", "refused", "cancelled", "orphaned", "lost"] as const;

/** How a run ends, and how long it is remembered. */
export const ends: readonly PromisedRun[] = [
  {
    name: "how a run has ended is found by all who share the records",
    async run(bench) {
      const other = await bench.join();
      for (const [at, state] of STATES.entries()) {
        const run = await bench.start(state, "a");
        const { started } = await bench.found(state);
        const events = at * 1_000_003;
        assert.equal(await other.finish(state, "a", { state, events }, LONG), true);
        for (const store of [bench.store, other]) {
          const { finished, ...rest } = await bench.found(state, store);
          assert.deepEqual(rest, { ...run, state, started, events, held: false });
          assert(finished! >= started, `it began at ${started} and ended at ${String(finished)}`);
        }
      }
    },
  },
  {
    name: "a run ends once: its first end counts",
    async run(bench) {
      const { store } = bench;
      const other = await bench.join();
      await bench.start("key", "a");
      const results = await Promise.all(
        Array.from({ length: 20 }, async (_, events) =>
          (events % 2 === 0 ? store : other).finish("key", "a", { state: "done", events }, LONG),
        ),
      );
      const first = results.indexOf(true);
      assert.equal(results.filter(Boolean).length, 1, "one has ended it");
      assert.equal((await bench.found("key")).events, first);
      const before = await bench.found("key");
      const again = { state: "failed", events: 77 } as const;
      assert.equal(await other.finish("key", "a", again, 0), false);
      assert.deepEqual(await bench.found("key"), before);
    },
  },
  {
    name: "a run that is not the newest of its key can't be ended, and nothing has changed then",
    async run(bench) {
      const lost = { state: "lost", events: 0 } as const;
      assert.equal(await bench.store.finish("key", "a", lost, LONG), false);
      assert.equal(await bench.store.find("key"), undefined);
      await bench.start("key", "a");
      await bench.end("key", "a");
      await bench.start("key", "b", "a");
      const before = await bench.found("key");
      for (const attempt of ["a", "c", ""])
        assert.equal(await bench.store.finish("key", attempt, lost, 0), false);
      assert.deepEqual(await bench.found("key"), before);
      assert.equal((await bench.store.renew("key", "b", LONG)).held, true);
    },
  },
  {
    name: "a run that has ended is remembered for as long as it is kept, and no longer",
    async run(bench) {
      await bench.start("long", "a");
      await bench.end("long", "a");
      await bench.start("short", "b");
      await bench.end("short", "b", bench.short);
      await bench.lapse(async () => assert.equal(await bench.store.find("short"), undefined));
      assert.equal((await bench.found("long")).state, "done");
    },
  },
  {
    name: "a run that is not kept is forgotten at once, and its key is free",
    async run(bench) {
      await bench.start("key", "a");
      await bench.end("key", "a", 0);
      assert.equal(await bench.store.find("key"), undefined);
      assert.equal((await bench.store.renew("key", "a", LONG)).held, false);
      const failed = { state: "failed", events: 0 } as const;
      assert.equal(await bench.store.finish("key", "a", failed, LONG), false);
      assert.equal(await bench.store.claim("key", newRun("b"), "a", LONG), false);
      await bench.start("key", "b");
      assert.equal((await bench.found("key")).attempt, "b");
    },
  },
  {
    name: "a key whose run has been forgotten is claimed as one that never had any",
    async run(bench) {
      await bench.start("key", "a");
      await bench.end("key", "a", bench.short);
      await bench.lapse(async () => assert.equal(await bench.store.find("key"), undefined));
      assert.equal(await bench.store.claim("key", newRun("b"), "a", LONG), false);
      await bench.start("key", "b");
    },
  },
  {
    name: "a run outlives the time for which the one before it was kept",
    async run(bench) {
      await bench.start("key", "a");
      await bench.end("key", "a", bench.short);
      await bench.start("clock", "c");
      await bench.end("clock", "c", bench.short);
      // Where the machine has been so slow, it was forgotten before.
      const after = (await bench.store.find("key")) === undefined ? undefined : "a";
      await bench.store.claim("key", newRun("b"), after, LONG);
      await bench.lapse(async () => assert.equal(await bench.store.find("clock"), undefined));
      const claimed = await bench.store.claim("key", newRun("b"), undefined, LONG);
      assert.equal(claimed, true);
      assert.equal((await bench.found("key")).held, true);
      await bench.end("key", "b");
      assert.equal((await bench.found("key")).state, "done");
    },
  },
  {
    name: "a run is remembered although nobody holds it any more",
    async run(bench) {
      await bench.lose("key", "a");
      await bench.settings.advance?.(60_000);
      const { state, held } = await bench.found("key");
      assert.deepEqual([state, held], ["running", false]);
    },
  },
];
