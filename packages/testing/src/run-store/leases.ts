import assert from "node:assert/strict";
import type { PromisedRun } from "./promised-run.js";
import { LONG, newRun } from "./run-bench.js";

const LOST = { state: "lost", events: 0 } as const;

/** How long a run is held, and who hears that others listen. */
export const leases: readonly PromisedRun[] = [
  {
    name: "a run is not held any more when its lease has run out, and nothing else of it has changed",
    async run(bench) {
      const run = await bench.lose("key", "a");
      const { started, ...rest } = await bench.found("key");
      assert.deepEqual(rest, {
        ...run,
        state: "running",
        finished: undefined,
        events: 0,
        held: false,
      });
      assert(started > 0);
    },
  },
  {
    name: "a lease that has run out can't be renewed, nor taken by claiming again",
    async run(bench) {
      await bench.lose("key", "a");
      const { held } = await bench.store.renew("key", "a", LONG);
      assert.equal(held, false);
      assert.equal(await bench.store.claim("key", newRun("a"), undefined, LONG), false);
      assert.equal((await bench.found("key")).held, false);
    },
  },
  {
    name: "a run that is not held has to be ended before another one follows it",
    async run(bench) {
      const other = await bench.join();
      await bench.lose("key", "a");
      assert.equal(await other.claim("key", newRun("b"), "a", LONG), false);
      assert.equal(await other.finish("key", "a", LOST, LONG), true);
      const { state, held, finished } = await bench.found("key");
      assert.deepEqual([state, held, finished === undefined], ["lost", false, false]);
      assert.equal(await other.claim("key", newRun("b"), "a", LONG), true);
      const { held: stillHeld } = await bench.store.renew("key", "a", LONG);
      assert.equal(stillHeld, false);
    },
  },
  {
    name: "who runs it may end a run although the lease has run out, if nobody else has",
    async run(bench) {
      await bench.lose("key", "a");
      await bench.end("key", "a");
      assert.equal((await bench.found("key")).state, "done");
    },
  },
  {
    name: "a run is held for as long as its last renewal says",
    async run(bench) {
      await bench.start("renewed", "a", undefined, bench.short);
      const { held } = await bench.store.renew("renewed", "a", LONG);
      // Where the machine has been so slow, the lease had run out before.
      if (!held) return;
      await bench.lose("other", "b");
      assert.equal((await bench.found("renewed")).held, true);
    },
  },
  {
    name: "a renewal may be for a shorter while than is left",
    async run(bench) {
      await bench.start("key", "a");
      assert.equal((await bench.store.renew("key", "a", bench.short)).held, true);
      await bench.lapse(async () => assert.equal((await bench.found("key")).held, false));
    },
  },
  {
    name: "only the newest run of a key is held and watched, and nobody's is where there is none",
    async run(bench) {
      const { store } = bench;
      const none = { held: false, watched: false };
      assert.deepEqual(await store.renew("key", "a", LONG), none);
      assert.equal(await store.watch("key", "a", LONG), false);
      await bench.start("key", "a");
      await bench.end("key", "a");
      await bench.start("key", "b", "a");
      for (const attempt of ["a", "c", ""]) {
        assert.equal(await store.watch("key", attempt, LONG), false);
        assert.deepEqual(await store.renew("key", attempt, LONG), none);
      }
      assert.deepEqual(await store.renew("key", "b", LONG), { held: true, watched: false });
    },
  },
  {
    name: "a run that has ended is neither held nor watched",
    async run(bench) {
      await bench.start("key", "a");
      await bench.store.watch("key", "a", LONG);
      await bench.end("key", "a");
      assert.equal(await bench.store.watch("key", "a", LONG), false);
      const renewal = await bench.store.renew("key", "a", LONG);
      assert.deepEqual(renewal, { held: false, watched: false });
      assert.equal((await bench.found("key")).held, false);
    },
  },
  {
    name: "who runs it hears that others listen, until they have not said so for a while",
    async run(bench) {
      const other = await bench.join();
      await bench.start("key", "a");
      const watched = async (): Promise<boolean> =>
        (await bench.store.renew("key", "a", LONG)).watched;
      assert.equal(await watched(), false);
      assert.equal(await other.watch("key", "a", LONG), true);
      assert.equal(await watched(), true);
      await bench.start("brief", "b");
      assert.equal(await other.watch("brief", "b", bench.short), true);
      await bench.lapse(async () => {
        const { watched: still } = await bench.store.renew("brief", "b", LONG);
        assert.equal(still, false);
      });
      assert.equal(await watched(), true);
    },
  },
  {
    name: "who watches for a short while does not cut short what others have said",
    async run(bench) {
      await bench.start("key", "a");
      await bench.store.watch("key", "a", LONG);
      await bench.store.watch("key", "a", 1);
      await bench.lose("clock", "b");
      assert.equal((await bench.store.renew("key", "a", LONG)).watched, true);
    },
  },
  {
    name: "a run that is not held can't be watched",
    async run(bench) {
      await bench.lose("key", "a");
      assert.equal(await bench.store.watch("key", "a", LONG), false);
      assert.equal((await bench.found("key")).held, false);
    },
  },
];
