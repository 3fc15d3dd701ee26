import type { RunStore } from "@sluice/core";
import { brokerConformance, runStoreConformance } from "@sluice/testing";
import { afterAll, describe, expect, it } from "vitest";
import { RedisBroker } from "./index.js";
import { noRedis } from "../test/no-redis.js";
import { type RedisServer, startRedis } from "../test/redis-server.js";

const server: RedisServer | undefined = noRedis ? undefined : await startRedis();
afterAll(() => server?.[Symbol.asyncDispose]());

describe.skipIf(noRedis)("the Redis broker keeps every promise of a broker", () => {
  const prefixes = new Map<RedisBroker, string>();
  let opened = 0;
  const open = (prefix = `${opened++}:`): RedisBroker => {
    const broker = new RedisBroker({ url: server!.url, prefix });
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
  it.each(cases)("$name", async ({ run }) => {
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
