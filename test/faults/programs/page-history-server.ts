import "reflect-metadata";
import { setTimeout as delay } from "node:timers/promises";
import { type Channel, Channels, Controller, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { LmdbBroker } from "@sluice/lmdb";
import Fastify from "fastify";
import { answer, tell } from "./answer.js";

/** The data of an event. */
export interface Numbered {
  /** The life of the server that published it: 0 is the first. */
  readonly life: number;
  /** From 0 on in each life. */
  readonly seq: number;
}

/** What the server tells by itself. */
export type PageHistoryTold =
  | { readonly acknowledged: Numbered; readonly id: string; readonly memory: number }
  | { readonly asked: string };

export interface PageHistoryOptions {
  readonly path: string;
  /** 0 for any. */
  readonly port: number;
  /** How long a page is to wait before it comes back, in milliseconds. */
  readonly retry: number;
  /** Left out where nothing is to be published yet. */
  readonly life?: number;
}

/** Between two events, in milliseconds. */
const PACE = 50;

let channel: Channel<{ stored: Numbered }>;
const app = Fastify({ forceCloseConnections: true });
const stopping = new AbortController();
let publishing = Promise.resolve("");
let isDying = false;

@Controller("story")
export class StoryController {
  constructor(channels: Channels) {
    channel = channels.get<{ stored: Numbered }>("story");
  }

  @Sse()
  story() {
    return channel;
  }
}

app.addHook("onRequest", async ({ url }) => {
  if (url.startsWith("/story")) tell({ asked: url } satisfies PageHistoryTold);
});
app.get("/", (_request, reply) =>
  reply.type("text/html").send("<!doctype html><title>story</title>"),
);

const commands = {
  /** Gives the port, and when it began to listen there, in milliseconds since 1970. */
  async listen({ path, port, retry, life }: PageHistoryOptions): Promise<[number, number]> {
    await app.register(sluice, {
      controllers: [StoryController],
      channels: {
        broker: new LmdbBroker({ path }),
        history: { count: 1_000_000, bytes: 268_435_456, age: "1h" },
      },
      retry,
      logStreams: false,
    });
    await app.ready();
    if (life !== undefined) commands.publish(life);
    await app.listen({ host: "127.0.0.1", port });
    return [(app.server.address() as { port: number }).port, Date.now()];
  },
  /** Publishes twenty events a second, one after the other, and tells of each that is stored. */
  publish(life: number): void {
    publishing = publishOn(life);
  },
  /** Ends this process, as `kill -9` does, when the next event is stored and nobody has heard of it. */
  dieUntold(): void {
    isDying = true;
  },
  /** Publishes no more. Gives the id of the last event. */
  stop(): Promise<string> {
    stopping.abort();
    return publishing;
  },
};
export type PageHistoryServer = typeof commands;
answer(commands);

async function publishOn(life: number): Promise<string> {
  let due = performance.now();
  for (let seq = 0; ; seq++) {
    const acknowledged = { life, seq };
    const { id } = await channel.publish({ event: "stored", data: acknowledged });
    if (isDying) process.kill(process.pid, "SIGKILL");
    const memory = process.memoryUsage.rss();
    tell({ acknowledged, id, memory } satisfies PageHistoryTold);
    if (stopping.signal.aborted) return id;
    due += PACE;
    await delay(Math.max(0, due - performance.now()));
  }
}
