import "reflect-metadata";
import { subscribe } from "node:diagnostics_channel";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { ChannelsOptions, CloseReason } from "@sluice/core";
import { type ConnectionClosed, sluice, type SluiceOptions } from "@sluice/fastify";
import { LmdbBroker } from "@sluice/lmdb";
import Fastify from "fastify";
import { answer, tell } from "./answer.js";

import { FaultController, numbered, sources } from "./fault-sources.js";
import { countSockets, type Held, heldNow } from "./own-state.js";

/** How the server is set up; all of it can travel to another process. */
export interface FaultServerOptions {
  /** @defaultValue `"127.0.0.1"` */
  readonly host?: string;
  /** @defaultValue any */
  readonly port?: number;
  /** Where the histories are; in memory where it is left out. */
  readonly path?: string;
  /** How long a request may take to come, and a connection wait for another, in milliseconds. */
  readonly requestTimeout?: number;
  readonly sluice?: Omit<SluiceOptions, "controllers" | "channels">;
  readonly channels?: Omit<ChannelsOptions, "broker">;
}

/** A publication that was acknowledged. */
export interface Published {
  readonly seq: number;
  readonly id: string;
}

/** A stream that has closed. */
export interface Closed {
  readonly reason: CloseReason;
  /** In milliseconds of the epoch. */
  readonly at: number;
}

const app = Fastify({ forceCloseConnections: true, http: { connectionsCheckingInterval: 250 } });
const numbers = new Map<string, number>();
const closes: Closed[] = [];
const rejections: string[] = [];
let peak = 0;

setInterval(watchMemory, 50).unref();
process.on("unhandledRejection", (reason) => void rejections.push(String(reason)));
subscribe("sluice:connection:closed", (message) => {
  closes.push({ reason: (message as ConnectionClosed).reason, at: Date.now() });
});
// As an application does; what is left over would keep the process alive.
process.once("SIGTERM", () => {
  void app.close().then(() => {
    tell({ rejections });
    process.channel?.unref();
  });
});

function watchMemory(): void {
  try {
    peak = Math.max(peak, process.memoryUsage.rss());
  } catch {
    // It takes a descriptor, and there may be none left.
  }
}

async function publish(channel: string, filling: string): Promise<Published> {
  const seq = numbers.get(channel) ?? 0;
  numbers.set(channel, seq + 1);
  const { id } = await sources.channels!.get(channel).publish(numbered(seq, filling));
  return { seq, id };
}

const commands = {
  async listen({
    host = "127.0.0.1",
    port = 0,
    path,
    requestTimeout,
    sluice: options,
    channels,
  }: FaultServerOptions): Promise<number> {
    if (requestTimeout !== undefined)
      Object.assign(app.server, {
        headersTimeout: requestTimeout,
        requestTimeout,
        keepAliveTimeout: requestTimeout,
      });
    const broker = path === undefined ? {} : { broker: new LmdbBroker({ path }) };
    await app.register(sluice, {
      ...options,
      controllers: [FaultController],
      channels: { ...channels, ...broker },
    });
    await app.listen({ host, port, backlog: 4_096 });
    return (app.server.address() as { port: number }).port;
  },
  /** Publishes so many events of so many bytes in one turn; gives their ids. */
  async publish(channel: string, count: number, bytes: number): Promise<string[]> {
    const filling = "x".repeat(bytes);
    const published = await Promise.all(
      Array.from({ length: count }, () => publish(channel, filling)),
    );
    // What is published in a turn is sent at its end.
    await nextTurn();
    return published.map(({ id }) => id);
  },
  /** Publishes one by one until the channel can't be used any more, and tells of each that is stored. */
  keepPublishing(channel: string, pace: number): void {
    const run = async (): Promise<void> => {
      for (;;) {
        tell(await publish(channel, ""));
        await delay(pace);
      }
    };
    run().catch((error: unknown) => tell({ refused: (error as { code?: string }).code }));
  },
  /** The number that the next event of a channel gets. */
  number: (channel: string, seq: number) => void numbers.set(channel, seq),
  /** Publishes once to each of so many channels that nobody listens to. */
  async visitChannels(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      await publish(`visited-${n}`, "");
      numbers.delete(`visited-${n}`);
    }
  },
  /** The next event of a channel is its first one again. */
  forget: (channel: string) => void numbers.delete(channel),
  async memory(): Promise<Held> {
    const held = await heldNow();
    peak = held.rss;
    return held;
  },
  /** The most memory that the process has had since `memory`. */
  peak: () => peak,
  /** The streams that have closed since the last time. */
  closes: (): Closed[] => closes.splice(0),
  async state(): Promise<FaultServerState> {
    const connections = await countSockets(app);
    return {
      active: sources.channels?.active ?? 0,
      connections,
      running: sources.started - sources.ended,
      held: sources.held,
      rejections,
    };
  },
  close: () => app.close(),
};

/** What a server holds. */
export interface FaultServerState {
  /** Channels with subscribers. */
  readonly active: number;
  readonly connections: number;
  /** Generators and streams that have begun and not ended. */
  readonly running: number;
  /** Requests whose context something holds, or that were not collected yet. */
  readonly held: number;
  readonly rejections: readonly string[];
}

export type FaultServer = typeof commands;
answer(commands);
