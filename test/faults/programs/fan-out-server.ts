import "reflect-metadata";
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Channels, type ChannelsOptions, Controller, Param, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify from "fastify";
import { answer } from "./answer.js";
import { countSockets, type Held, heldNow } from "./own-state.js";

/** Who publishes, and whether the sockets are written to by Sluice or by as little as Node needs. */
export type Kind = "sluice" | "bare";

const app = Fastify({ forceCloseConnections: true });
const bare = new Set<Socket>();
let channels: Channels;
let seq = 0;
let peak = 0;
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);

@Controller("channels")
class FanOutController {
  constructor(injected: Channels) {
    channels = injected;
  }

  @Sse(":name")
  join(@Param("name") name: string) {
    return channels.get(name);
  }
}

// The limit of public Node API: one shared buffer, straight to the sockets.
app.get("/bare", (_request, reply) => {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  raw.flushHeaders();
  const { socket } = raw;
  if (socket === null) return;
  bare.add(socket);
  raw.on("close", () => bare.delete(socket));
});

const commands = {
  async listen(options: ChannelsOptions): Promise<number> {
    await app.register(sluice, { controllers: [FanOutController], channels: options });
    await app.listen({ host: "127.0.0.1", port: 0, backlog: 4_096 });
    return (app.server.address() as { port: number }).port;
  },
  /** Publishes so many events of so many bytes in one turn; gives their ids. */
  async publish(kind: Kind, channel: string, count: number, bytes: number): Promise<string[]> {
    const filling = "x".repeat(bytes);
    if (kind === "bare") {
      const ids = Array.from({ length: count }, () => sendBare(channel, filling));
      await nextTurn();
      return ids;
    }
    const target = channels.get(channel);
    const publishing = Array.from({ length: count }, () => target.publish(nextEvent(filling)));
    const published = await Promise.all(publishing);
    // What is published in a turn is sent at its end.
    await nextTurn();
    return published.map(({ id }) => id);
  },
  /** CPU time that the process has used so far, in microseconds. */
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  async memory(): Promise<Held> {
    const held = await heldNow();
    peak = held.rss;
    return held;
  },
  /** What JavaScript holds after a collection, in and outside of its heap, in bytes. */
  async held(): Promise<number> {
    const { heap, external } = await heldNow();
    return heap + external;
  },
  /** The most memory that the process has had since `memory`. */
  peak: () => peak,
  async state(): Promise<{ active: number; connections: number; skipped: number }> {
    const connections = await countSockets(app);
    return { active: channels.active, connections, skipped: channels.get("main").skipped };
  },
  async close(): Promise<void> {
    clearInterval(watch);
    await app.close();
  },
};
export type FanOutServer = typeof commands;
answer(commands);

function nextEvent(filling: string) {
  const at = Math.round(performance.timeOrigin * 1_000 + performance.now() * 1_000);
  return { event: "load", data: { publisher: "main", seq: seq++, at, filling } };
}

function sendBare(channel: string, filling: string): string {
  const { event, data } = nextEvent(filling);
  const id = `1.${channel}-bare.${data.seq + 1}`;
  const text = `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  const chunk = Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n`, "latin1");
  for (const socket of bare) socket.write(chunk);
  return id;
}
