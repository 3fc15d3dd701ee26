import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ChunkedAnswer, EventLines } from "./event-stream.js";
import { countDescriptors } from "./descriptors.js";
import { leftOf } from "./left-of.js";
import { startProgram } from "./program.js";
import type { Closed, FaultServer } from "./programs/fault-server.js";
import { counted } from "./counted.js";
import { settled } from "./settled.js";

export interface TrickleReport {
  /** Why the connections were closed. */
  readonly reasons: Readonly<Record<string, number>>;
  /** From when they began to read slowly to the last close, in milliseconds. */
  readonly closedWithin: number;
  /** How many bytes each read slowly, at most. */
  readonly slowBytes: number;
  readonly lost: number;
  readonly doubled: number;
  /** Clients that have the last event. */
  readonly arrived: number;
  readonly leaked: readonly string[];
  readonly rejections: readonly string[];
  readonly peakMemory: number;
}

/** What slow clients listen to; the generator goes on from the last id itself. */
export const TRICKLE_CASES = [
  { name: "channel", path: "/faults/channel/main" },
  { name: "generator", path: "/faults/generator?pace=2&bytes=65536" },
] as const;

const EVENT_BYTES = 16_384;
/** What a client reads at once that is not slow. */
export const AT_ONCE = 4_096;

/** A client that reads one byte a second when it is told to. */
class Trickler {
  next = 0;
  lost = 0;
  doubled = 0;
  slowBytes = 0;
  lastId = "";
  #socket: Socket | undefined;
  #slow = false;
  #timer: NodeJS.Timeout | undefined;

  /** Resolves when the connection is over. */
  dial(port: number, path: string): Promise<void> {
    const answer = new ChunkedAnswer();
    const lines = new EventLines();
    lines.lastId = this.lastId;
    // Each is chosen before the one before it is read: the first slow read may still be a large one.
    const buffer = Buffer.alloc(1);
    const socket = connect({
      port,
      host: "127.0.0.1",
      onread: {
        buffer: () => (this.#slow ? buffer : Buffer.allocUnsafe(AT_ONCE)),
        callback: (size, bytes) => {
          const text = (bytes as Buffer).toString("latin1", 0, size);
          for (const { event, id, data } of lines.push(answer.push(text))) {
            this.lastId = id;
            if (event === "load") this.#take((JSON.parse(data) as { seq: number }).seq);
          }
          if (!this.#slow) return true;
          this.slowBytes += size;
          return false;
        },
      },
    });
    this.#socket = socket;
    socket.on("error", () => {});
    const resume = this.lastId === "" ? "" : `last-event-id: ${this.lastId}\r\n`;
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${resume}\r\n`);
    return new Promise((resolve) => socket.once("close", () => resolve()));
  }

  /** Reads a byte a second from now on. */
  slowDown(): void {
    this.#slow = true;
    this.#timer = setInterval(() => this.#socket?.resume(), 1_000);
  }

  /** Reads as fast as it can again. */
  hurry(): void {
    this.#slow = false;
    clearInterval(this.#timer);
    this.#socket?.resume();
  }

  leave(): void {
    this.#socket?.destroy();
  }

  #take(seq: number): void {
    if (seq < this.next) this.doubled++;
    else this.lost += seq - this.next;
    this.next = Math.max(this.next, seq + 1);
  }
}

/**
 * Clients read well for a while, then one byte a second, while a lot is sent to them. When they are
 * cut off, half of them read what is on the way to them first; then all come back.
 *
 * @param timeout - `writeTimeout`, in milliseconds
 */
export async function trickle(
  { name, path }: (typeof TRICKLE_CASES)[number],
  clients: number,
  timeout: number,
): Promise<TrickleReport> {
  await using server = await startProgram<FaultServer>("fault-server");
  const port = await server.call("listen", {
    sluice: { writeTimeout: timeout, logStreams: false },
    channels: {
      history: { count: 100_000, bytes: 268_435_456 },
      maxBufferedBytes: 268_435_456,
    },
  });
  const descriptors = countDescriptors(server.pid);
  const tricklers = Array.from({ length: clients }, () => new Trickler());
  const over = tricklers.map((trickler) => trickler.dial(port, path));
  let published = 0;
  const publish = async (): Promise<void> => {
    if (name === "channel")
      published += (await server.call("publish", "main", 1, EVENT_BYTES)).length;
    await delay(5);
  };
  // A client of a channel misses nothing from its position on.
  if (name === "channel")
    await settled(() => tricklers.every(({ lastId }) => lastId !== ""), 5_000);
  while (tricklers.some(({ next }) => next < 5)) await publish();

  const slowAt = Date.now();
  for (const trickler of tricklers) trickler.slowDown();
  const closes: Closed[] = [];
  const deadline = performance.now() + 3 * timeout + 10_000;
  while (closes.length < clients && performance.now() < deadline) {
    await publish();
    closes.push(...(await server.call("closes")));
  }
  const peakMemory = await server.call("peak");
  for (const [n, trickler] of tricklers.entries()) {
    trickler.hurry();
    if (n % 2 === 0) trickler.leave();
  }
  await Promise.all(over);
  const back = tricklers.map((trickler) => trickler.dial(port, path));
  for (let n = 0; n < 3; n++) await publish();
  const goal = name === "channel" ? published : Math.max(...tricklers.map(({ next }) => next)) + 20;
  await settled(() => tricklers.every(({ next }) => next >= goal), 10_000);
  const arrived = tricklers.filter(({ next }) => next >= goal).length;
  for (const trickler of tricklers) trickler.leave();
  await Promise.all(back);
  const leaked = await leftOf(server, descriptors);
  const { rejections } = await server.call("state");
  await server.call("close");
  return {
    reasons: counted(closes.map(({ reason }) => reason)),
    closedWithin: Math.max(...closes.map(({ at }) => at)) - slowAt,
    slowBytes: Math.max(...tricklers.map(({ slowBytes }) => slowBytes)),
    lost: tricklers.reduce((sum, { lost }) => sum + lost, 0),
    doubled: tricklers.reduce((sum, { doubled }) => sum + doubled, 0),
    arrived,
    leaked,
    rejections,
    peakMemory,
  };
}
