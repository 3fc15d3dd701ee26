import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { countDescriptors } from "./descriptors.js";
import { leftOf } from "./left-of.js";
import { startProgram } from "./program.js";
import type { Crowd } from "./programs/crowd.js";
import type { FaultServer } from "./programs/fault-server.js";
import { mulberry32, pick } from "./random.js";

export interface ResetsReport {
  /** How many connections were reset, by when. */
  readonly moments: Readonly<Record<string, number>>;
  readonly leaked: readonly string[];
  /** Requests whose context is still held, after collections. */
  readonly held: number;
  /** How much larger the server's heap is than before, in bytes. */
  readonly heap: number;
  readonly peakMemory: number;
  readonly rejections: readonly string[];
  /** Of clients that listened meanwhile. */
  readonly lost: number;
  readonly doubled: number;
}

/** When a client resets its connection. */
type Moment = (socket: Socket, random: () => number, cursor: string) => Promise<void>;

const PRESSING = ["generator?pace=0&bytes=8192", "stream?pace=1&bytes=8192"] as const;
const PATHS = [...PRESSING, "quiet", "channel/long"] as const;

const moments: Readonly<Record<string, Moment>> = {
  async "within the request"(socket, random) {
    const request = requestOf(pick(PATHS, random));
    socket.write(request.slice(0, Math.floor(random() * request.length)));
    await delay(random() * 5);
  },
  async "after the request"(socket, random) {
    socket.write(requestOf(pick(PATHS, random)));
    await delay(random() * 5);
  },
  async "at the first byte"(socket, random) {
    socket.write(requestOf(pick(PATHS, random)));
    await once(socket, "data");
  },
  /** What it missed is far more than fits into the buffers. */
  async "in the midst of a replay"(socket, random, cursor) {
    socket.write(requestOf("channel/long", cursor));
    await once(socket, "data");
    socket.pause();
    await delay(random() * 20);
  },
  async "under backpressure"(socket, random) {
    socket.pause();
    socket.write(requestOf(pick(PRESSING, random)));
    await delay(20 + random() * 40);
  },
};

/** How many clients there are at once. */
const WORKERS = 40;
/** Of the history that is replayed. */
const EVENTS = 200;
const EVENT_BYTES = 40_960;

/** Clients reset their connections at every moment there is. */
export async function manyResets(count: number, seed: number): Promise<ResetsReport> {
  const random = mulberry32(seed);
  await using server = await startProgram<FaultServer>("fault-server");
  await using crowd = await startProgram<Crowd>("crowd");
  const port = await server.call("listen", {
    sluice: { logStreams: false },
    channels: { history: { bytes: 2 * EVENTS * EVENT_BYTES } },
  });
  const cursor = (await server.call("publish", "long", EVENTS, EVENT_BYTES))[0]!;
  const names = Object.keys(moments);
  const counts = Object.fromEntries(names.map((name) => [name, 0]));
  const resetSome = async (of: number): Promise<void> => {
    let left = of;
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const name = names[left % names.length]!;
        counts[name]!++;
        await reset(port, moments[name]!, random, cursor);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
  };

  // What the first ones set up for good is no cost of the others.
  await resetSome(WORKERS * 2);
  await leftOf(server, Number.POSITIVE_INFINITY);
  const before = await server.call("memory");
  const descriptors = countDescriptors(server.pid);
  await crowd.call("connect", port, "/faults/channel/main", 5);
  const published: string[] = [];
  const over = new AbortController();
  const publishing = (async () => {
    while (!over.signal.aborted) {
      published.push(...(await server.call("publish", "main", 1, 100)));
      await crowd.call("reached", published.length);
      await delay(5);
    }
  })();
  await resetSome(count);
  over.abort();
  await publishing;
  const peakMemory = await server.call("peak");
  const { lost, doubled } = await crowd.call("verdict", "/faults/channel/main", published);
  await crowd.call("restart");

  const leaked = await leftOf(server, descriptors);
  const deadline = performance.now() + 5_000;
  let after = await server.call("memory");
  let state = await server.call("state");
  while (state.held > 0 && performance.now() < deadline) {
    await delay(50);
    after = await server.call("memory");
    state = await server.call("state");
  }
  await server.call("close");
  const { held, rejections } = state;
  return {
    moments: counts,
    leaked,
    held,
    heap: after.heap - before.heap,
    peakMemory,
    rejections,
    lost,
    doubled,
  };
}

async function reset(
  port: number,
  moment: Moment,
  random: () => number,
  cursor: string,
): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  await moment(socket, random, cursor);
  socket.resetAndDestroy();
}

function requestOf(path: string, cursor?: string): string {
  const resume = cursor === undefined ? "" : `last-event-id: ${cursor}\r\n`;
  return `GET /faults/${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${resume}\r\n`;
}
