import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, vi } from "vitest";
import { listen, pass, RunNode, settled, stopTime } from "../../test/run-node.js";
import { MemoryBroker } from "../channel/memory-broker.js";
import { MemoryRunStore } from "./memory-run-store.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const RUNS = 1_000;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

/** Runs a thousand handlers to each kind of end, and gives references to what belongs to each. */
async function runMany(node: RunNode): Promise<WeakRef<object>[]> {
  const references: WeakRef<object>[] = [];
  for (let number = 0; number < RUNS; number++) {
    const source = await node.enter(`run ${number}`, {
      call: async function* (signal, context) {
        references.push(new WeakRef(signal), new WeakRef(context));
        yield { event: "word", data: { text: "one" } };
        if (number % 3 === 0) throw new Error("failed");
        if (number % 3 === 1) await aborted(signal);
      },
    });
    const ear = listen(source);
    references.push(new WeakRef(ear));
    await settled();
    if (number % 3 === 1) await node.runs.cancel(`run ${number}`);
    ear.leave();
  }
  await settled();
  return references;
}

async function expectCollected(references: readonly WeakRef<object>[]): Promise<void> {
  await vi.waitFor(
    () => {
      collect();
      const held = references.map((reference) => reference.deref()?.constructor.name);
      expect(held.filter(Boolean)).toEqual([]);
    },
    { timeout: 10_000, interval: 20 },
  );
}

it("keeps nothing of 1,000 requests when their runs are over, though the runs are kept", async () => {
  const node = new RunNode();
  const references = await runMany(node);
  node.failures.length = 0;
  expect(references).toHaveLength(3 * RUNS);
  expect(node.runs.list()).toHaveLength(RUNS);
  await expectCollected(references);
});

it("keeps nothing of 1,000 runs when they have been kept, in no store and no broker, and no timer", async () => {
  const broker = new MemoryBroker();
  const store = new MemoryRunStore();
  const node = new RunNode({ broker, store, run: { keep: "1m" } });
  stopTime();
  await runMany(node);
  expect([store.size, broker.channels]).toEqual([RUNS, RUNS]);
  await pass(60_000 + 5_000);
  expect([node.runs.list(), store.size]).toEqual([[], 0]);
  await pass(60_000 + 5_000);
  expect([broker.channels, node.channels.active]).toEqual([0, 0]);
  // The broker still remembers where its channels were, for ten minutes.
  await pass(605_000);
  expect(vi.getTimerCount()).toBe(0);
});
