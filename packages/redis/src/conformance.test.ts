import type { Duration, RunStore } from "@sluice/core";
import { brokerConformance, runStoreConformance } from "@sluice/testing";
import { afterAll, describe, expect, it } from "vitest";
import { RedisBroker } from "./index.js";
import { noRedis } from "../test/no-redis.js";
import { connectAdmin } from "../test/redis-client.js";
import { type RedisServer, startRedis } from "../test/redis-server.js";

const server: RedisServer | undefined = noRedis ? undefined : await startRedis();
afterAll(() => server?.[Symbol.asyncDispose]());

describe.skipIf(noRedis)("the Redis broker keeps every promise of a broker", () => {
  const prefixes = new Map<RedisBroker, string>();
  let opened = 0;
  const open = (prefix = `${opened++}:`, publishTimeout: Duration = "10s"): RedisBroker => {
    const broker = new RedisBroker({ url: server!.url, prefix, publishTimeout });
    prefixes.set(broker, prefix);
    return broker;
  };
  const cases = brokerConformance<RedisBroker>({
    open: () => open(),
    reopen: async (broker) => {
      await broker.close();
      return open(prefixes.get(broker));
    },
  });
  const others = new Set(cases.map(({ name }) => name));
  // Those in which nothing can be stored for a while: publishing gives up sooner.
  const failing = brokerConformance<RedisBroker>({
    open: () => open(undefined, "2s"),
    breakStore: async () => {
      await limitMemory(server!.url, 1);
      return () => limitMemory(server!.url, 0);
    },
  }).filter(({ name }) => !others.has(name));
  it.each([...cases, ...failing])("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe.skipIf(noRedis)("the Redis broker keeps every promise of a store of runs", () => {
  const brokers = new Map<RunStore, { readonly broker: RedisBroker; readonly prefix: string }>();
  let opened = 0;
  const open = (prefix = `runs ${opened++}:`): RunStore => {
    const broker = new RedisBroker({ url: server!.url, prefix });
    brokers.set(broker.runs, { broker, prefix });
    return broker.runs;
  };
  const cases = runStoreConformance<RunStore>({
    open: () => open(),
    join: (store) => open(brokers.get(store)!.prefix),
    reopen: async (store) => {
      await brokers.get(store)!.broker.close();
      return open(brokers.get(store)!.prefix);
    },
    close: (store) => brokers.get(store)!.broker.close(),
  });
  it.each(cases)("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

/** @param bytes - beyond which the server stores nothing; 0 for no limit */
async function limitMemory(url: string, bytes: number): Promise<void> {
  using admin = await connectAdmin(url);
  await admin.ask(`CONFIG SET maxmemory ${bytes}`);
}
