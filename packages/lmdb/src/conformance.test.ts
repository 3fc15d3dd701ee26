import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunStore } from "@sluice/core";
import { brokerConformance, runStoreConformance } from "@sluice/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LmdbBroker } from "./index.js";
import { Store } from "./store.js";

const made: string[] = [];
const paths = new Map<LmdbBroker, string>();

function open(sync: boolean, path = mkdtempSync(join(tmpdir(), "sluice-lmdb-"))): LmdbBroker {
  const broker = new LmdbBroker({ path, sync });
  made.push(path);
  paths.set(broker, path);
  return broker;
}

afterEach(() => {
  vi.useRealTimers();
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

describe.each([false, true])(
  "the LMDB broker keeps every promise of a broker (sync: %s)",
  (sync) => {
    const cases = brokerConformance<LmdbBroker>({
      open: () => open(sync),
      reopen: async (broker) => {
        await broker.close();
        return open(sync, paths.get(broker));
      },
      advance: (ms) => {
        vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
      },
      breakStore: () => {
        const full = new Error("No space left on device");
        const commit = vi.spyOn(Store.prototype, "commit").mockImplementation(() => {
          if (sync) return Promise.reject(full);
          throw full;
        });
        return () => commit.mockRestore();
      },
      // Whoever follows has been told when publishing resolves.
      settle: () => {},
      walks: sync ? 20 : 60,
    });
    it.each(cases)("$name", async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
  },
);

describe.each([false, true])(
  "the LMDB broker keeps every promise of a store of runs (sync: %s)",
  (sync) => {
    const brokers = new Map<RunStore, LmdbBroker>();
    const runsOf = (broker: LmdbBroker): RunStore => {
      brokers.set(broker.runs, broker);
      return broker.runs;
    };
    const brokerOf = (store: RunStore): LmdbBroker => brokers.get(store)!;
    const cases = runStoreConformance<RunStore>({
      open: () => runsOf(open(sync)),
      reopen: async (store) => {
        await brokerOf(store).close();
        return runsOf(open(sync, paths.get(brokerOf(store))));
      },
      close: (store) => brokerOf(store).close(),
      synchronous: !sync,
    });
    it.each(cases)("$name", async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
  },
);
