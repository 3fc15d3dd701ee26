import "reflect-metadata";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Channel,
  Channels,
  type ChannelsOptions,
  Controller,
  type Context,
  Param,
  Sse,
} from "@sluice/core";
import { sluice, type SluiceOptions } from "@sluice/fastify";
import { RedisBroker, type RedisBrokerOptions } from "@sluice/redis";
import Fastify from "fastify";
import { numbered } from "./programs/fault-sources.js";
import { countSockets, type Held, heldNow } from "./programs/own-state.js";

/** How a node is set up; all of it can travel to another process. */
export interface RedisNodeOptions {
  readonly broker: RedisBrokerOptions;
  readonly port?: number;
  readonly history?: ChannelsOptions["history"];
  readonly sluice?: Omit<SluiceOptions, "controllers" | "channels">;
}

/** What an event is told apart by. */
export interface Numbered {
  readonly channel: string;
  readonly publisher: string;
  readonly seq: number;
}

/** What became of a publication. */
export interface Outcome extends Numbered {
  readonly fate: "stored" | "unknown" | "refused" | "ended";
  /** Of one that is stored. */
  readonly id?: string;
  /** How long it took, in milliseconds. */
  readonly took: number;
}

export interface RedisNodeState {
  readonly active: number;
  readonly connections: number;
  /** Publications that are not settled. */
  readonly pending: number;
  readonly peakHeap: number;
  readonly peakMemory: number;
  readonly rejections: readonly string[];
  /** How often `onResync` was called. */
  readonly resyncs: number;
}

/** What one event of a node holds. */
type NodeEvents = {
  stored: Numbered & { readonly filling: string };
  state: { at: string };
  load: ReturnType<typeof numbered>["data"];
};

const FATES: Readonly<Record<string, Outcome["fate"]>> = {
  ERR_NOT_STORED: "refused",
  ERR_OUTCOME_UNKNOWN: "unknown",
  ERR_CHANNEL_ENDED: "ended",
};

/** How many publications of a node may be on their way. */
const MOST_PENDING = 2_000;

/**
 * One node of an application: a server on a broker that others use too.
 *
 * @param tell - called with what became of each publication
 */
export function redisNode(tell: (outcome: Outcome) => void) {
  // What fails for want of Redis is no news here.
  const app = Fastify({ forceCloseConnections: true, logger: { level: "silent" } });
  const stopping = new AbortController();
  const rejections: string[] = [];
  const running = new Set<Promise<void>>();
  let channels!: Channels;
  let pending = 0;
  let resyncs = 0;
  let peakHeap = 0;
  let peakMemory = 0;
  const watching = setInterval(() => {
    const { heapUsed, rss } = process.memoryUsage();
    peakHeap = Math.max(peakHeap, heapUsed);
    peakMemory = Math.max(peakMemory, rss);
  }, 100).unref();
  const onRejection = (reason: unknown): void => void rejections.push(String(reason));
  process.on("unhandledRejection", onRejection);

  @Controller("redis")
  class NodeController {
    constructor(injected: Channels) {
      channels = injected;
    }

    @Sse("one/:name")
    one(@Param("name") name: string) {
      return channel(name);
    }

    @Sse("all/:names")
    all(@Param("names") names: string) {
      return channels.merge(...names.split("+").map(channel));
    }

    @Sse("state/:name")
    state(@Param("name") name: string) {
      return channel(name).subscribe({
        onResync: (_: Context | undefined, at: string) => {
          resyncs++;
          return { event: "state" as const, data: { at } };
        },
      });
    }
  }

  function channel(name: string): Channel<NodeEvents> {
    return channels.get<NodeEvents>(name);
  }

  async function publish(event: Numbered, filling: string): Promise<void> {
    pending++;
    const began = performance.now();
    const settle = (fate: Outcome["fate"], id?: string): void => {
      const took = performance.now() - began;
      tell({ ...event, fate, took, ...(id !== undefined && { id }) });
    };
    try {
      const { id } = await channel(event.channel).publish({
        event: "stored",
        data: { ...event, filling },
      });
      settle("stored", id);
    } catch (error) {
      const fate = FATES[(error as { code?: string }).code ?? ""];
      if (fate === undefined) throw error;
      settle(fate);
    } finally {
      pending--;
    }
  }

  async function keepPublishing(name: string, publisher: string, pace: number, bytes: number) {
    const sending = new Set<Promise<void>>();
    let seq = 0;
    while (!stopping.signal.aborted) {
      const burst = seq % 7 === 0 ? 10 : 1;
      for (let n = 0; n < burst && sending.size < MOST_PENDING; n++) {
        const filling = "x".repeat((seq * 7_919) % (bytes + 1));
        const publishing = publish({ channel: name, publisher, seq: seq++ }, filling);
        sending.add(publishing);
        void publishing.finally(() => sending.delete(publishing));
      }
      await delay(pace);
    }
    await Promise.all(sending);
  }

  return {
    async listen({
      broker,
      port = 0,
      history,
      sluice: options,
    }: RedisNodeOptions): Promise<number> {
      await app.register(sluice, {
        retry: 20,
        logStreams: false,
        ...options,
        controllers: [NodeController],
        channels: {
          broker: new RedisBroker(broker),
          history: history ?? { count: 1_000_000, bytes: 268_435_456, age: "1h" },
        },
      });
      await app.listen({ host: "127.0.0.1", port, backlog: 4_096 });
      return (app.server.address() as { port: number }).port;
    },
    /** Publishes to channels, now one and now several at once, and tells what becomes of each. */
    start(publisher: string, names: readonly string[], pace: number, bytes: number): void {
      for (const name of names) {
        const run = keepPublishing(name, publisher, pace, bytes);
        // What is thrown besides is a fault.
        run.catch(onRejection);
        running.add(run.catch(() => {}));
      }
    },
    /** Publishes no more; resolves when all is settled. */
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all(running);
    },
    /** Publishes so many, with numbers from `seq` on. */
    async publish(name: string, publisher: string, seq: number, count = 1, bytes = 0) {
      await Promise.all(
        Array.from({ length: count }, (_, n) =>
          publish({ channel: name, publisher, seq: seq + n }, "x".repeat(bytes)),
        ),
      );
    },
    /** Publishes an event of a crowd; gives its id. */
    async publishLoad(name: string, seq: number, bytes: number): Promise<string> {
      const { data } = numbered(seq, "x".repeat(bytes));
      return (await channel(name).publish({ event: "load", data })).id;
    },
    memory: (): Promise<Held> => heldNow(),
    /** Does nothing else for so many milliseconds. */
    stall(ms: number): void {
      const end = performance.now() + ms;
      while (performance.now() < end);
    },
    async state(): Promise<RedisNodeState> {
      const connections = await countSockets(app);
      const { active } = channels;
      return { active, connections, pending, peakHeap, peakMemory, rejections, resyncs };
    },
    async close(): Promise<void> {
      stopping.abort();
      await app.close();
      clearInterval(watching);
      process.off("unhandledRejection", onRejection);
    },
  };
}

export type RedisNode = ReturnType<typeof redisNode>;
