import assert from "node:assert/strict";
import type { RunStore } from "@sluice/core";
import type { PromisedRun } from "./promised-run.js";
import { LONG, newRun, type RunBench } from "./run-bench.js";

/** How many ask for one key at once. */
const RIVALS = 100;

/** Who may begin a run, and what is then known of it. */
export const claims: readonly PromisedRun[] = [
  {
    name: "nothing is found of a key that has no run",
    async run(bench) {
      assert.equal(await bench.store.find("key"), undefined);
      await bench.start("other", "a");
      assert.equal(await bench.store.find("key"), undefined);
    },
  },
  {
    name: "a run that has begun is found as it was claimed, running and held, by all who share the records",
    async run(bench) {
      const other = await bench.join();
      const run = { attempt: "a", channel: "run/ann/key/a", principal: "ann", note: "{}" };
      assert.equal(await bench.store.claim("key", run, undefined, LONG), true);
      for (const store of [bench.store, other]) {
        const { started, ...rest } = await bench.found("key", store);
        assert.deepEqual(rest, {
          ...run,
          state: "running",
          finished: undefined,
          events: 0,
          held: true,
        });
        assert(Number.isSafeInteger(started) && started > 0, `it began at ${started}`);
      }
    },
  },
  {
    name: "a run may belong to nobody, and have nothing noted",
    async run(bench) {
      const run = { attempt: "a", channel: "c", principal: "", note: "" };
      assert.equal(await bench.store.claim("key", run, undefined, LONG), true);
      const { principal, note } = await bench.found("key");
      assert.deepEqual([principal, note], ["", ""]);
    },
  },
  {
    name: "of many who claim a key at once one begins, and the run is that one's",
    run: (bench) => race(bench, undefined),
  },
  {
    name: "of many who follow the same run at once one begins",
    async run(bench) {
      await bench.start("key", "first");
      await bench.end("key", "first");
      await race(bench, "first");
    },
  },
  {
    name: "a key whose run has not ended can't be claimed, and nothing has changed then",
    async run(bench) {
      await bench.start("key", "a");
      const before = await bench.found("key");
      for (const after of [undefined, "a", "b", ""])
        assert.equal(await bench.store.claim("key", newRun("b"), after, LONG), false);
      assert.deepEqual(await bench.found("key"), before);
      assert.equal((await bench.store.renew("key", "a", LONG)).held, true);
    },
  },
  {
    name: "a run can only follow the newest one, and that when it has ended",
    async run(bench) {
      const claim = async (after: string | undefined): Promise<boolean> =>
        bench.store.claim("key", newRun("c"), after, LONG);
      assert.equal(await claim("a"), false, "there was none to follow");
      await bench.start("key", "a");
      assert.equal(await claim("a"), false, "it had not ended");
      await bench.end("key", "a");
      assert.equal(await claim(undefined), false, "there was one before");
      assert.equal(await claim("b"), false, "it was another one");
      await bench.start("key", "b", "a");
      await bench.end("key", "b");
      assert.equal(await claim("a"), false, "it was not the newest");
      assert.equal(await claim("b"), true);
      assert.equal((await bench.found("key")).attempt, "c");
    },
  },
  {
    name: "a claim whose answer was lost can be made again, and says the same",
    async run(bench) {
      await bench.start("key", "a");
      const before = await bench.found("key");
      assert.equal(await bench.store.claim("key", newRun("a"), undefined, LONG), true);
      assert.deepEqual(await bench.found("key"), before);
      await bench.end("key", "a");
      await bench.start("key", "b", "a");
      assert.equal(await bench.store.claim("key", newRun("b"), "a", LONG), true);
    },
  },
  {
    name: "a claim is not made again when its run has been ended",
    async run(bench) {
      await bench.start("key", "a");
      await bench.end("key", "a");
      const before = await bench.found("key");
      assert.equal(await bench.store.claim("key", newRun("a"), undefined, LONG), false);
      assert.equal(await bench.store.claim("key", newRun("a"), "a", LONG), false);
      assert.deepEqual(await bench.found("key"), before);
    },
  },
  {
    name: "nothing of an earlier run is left in the one that follows it",
    async run(bench) {
      await bench.start("key", "a");
      await bench.store.watch("key", "a", LONG);
      await bench.end("key", "a");
      const { finished } = await bench.found("key");
      await bench.start("key", "b", "a");
      const { started, ...rest } = await bench.found("key");
      assert.deepEqual(rest, {
        ...newRun("b"),
        state: "running",
        finished: undefined,
        events: 0,
        held: true,
      });
      assert(started >= finished!, "it began after the end of the other");
      assert.deepEqual(await bench.store.renew("key", "b", LONG), { held: true, watched: false });
    },
  },
  {
    name: "a store that needs no waiting returns its results and not promises",
    when: ({ synchronous }) => synchronous,
    async run({ store }) {
      const ended = { state: "done", events: 0 } as const;
      assert.equal(store.find("key"), undefined);
      assert.equal(store.claim("key", newRun("a"), undefined, LONG), true);
      assert.deepEqual(store.renew("key", "a", LONG), { held: true, watched: false });
      assert.equal(store.watch("key", "a", LONG), true);
      assert.equal(store.finish("key", "a", ended, LONG), true);
    },
  },
];

/** Lets many claim a key at once, half of them through another store on the same records. */
async function race(bench: RunBench, after: string | undefined): Promise<void> {
  const stores: readonly RunStore[] = [bench.store, await bench.join()];
  const rivals = Array.from({ length: RIVALS }, (_, n) => `rival ${n}`);
  const claimed = await Promise.all(
    rivals.map(async (rival, n) => stores[n % 2]!.claim("key", newRun(rival), after, LONG)),
  );
  const winners = rivals.filter((_, n) => claimed[n]);
  assert.equal(winners.length, 1, `one begins, and not ${winners.join(" and ")}`);
  for (const store of stores) assert.equal((await bench.found("key", store)).attempt, winners[0]);
  for (const rival of rivals) {
    const { held } = await bench.store.renew("key", rival, LONG);
    assert.equal(held, rival === winners[0]);
  }
}
