import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { BadProxy } from "./bad-proxy.js";
import { countDescriptors } from "./descriptors.js";
import type { WireEvent } from "./event-stream.js";
import { dialHttp1 } from "./link.js";
import { leftOf } from "./left-of.js";
import { openNetwork } from "./network.js";
import { type Program, startProgram } from "./program.js";
import type { Closed, FaultServer } from "./programs/fault-server.js";
import { settled } from "./settled.js";

export interface HalfOpenReport {
  /** Why the server closed the connection; `none` when it did not. */
  readonly reason: string;
  /** From when nothing got through any more, in milliseconds. */
  readonly foundAfter: number;
  readonly lost: number;
  readonly doubled: number;
  readonly leaked: readonly string[];
  readonly peakMemory: number;
}

const PATH = "/faults/channel/main";

/** What a stream does while its client is gone. */
export interface Traffic {
  /** Bytes of an event each 10 ms; 0 for none. */
  readonly bytes: number;
  /** Between comments, in milliseconds. */
  readonly keepAlive: number | false;
  /** What else may end the stream, in milliseconds. */
  readonly writeTimeout?: number;
  readonly maxDuration?: number;
}

/**
 * A proxy stops reading and closes nothing. To the server's system it is a client that has a little
 * room left.
 */
export async function stalledProxy(traffic: Traffic, within: number): Promise<HalfOpenReport> {
  await using server = await startProgram<FaultServer>("fault-server");
  const port = await server.call("listen", optionsFor(traffic));
  const proxy = new BadProxy(port);
  const proxyPort = await proxy.listen();
  const report = await vanish(server, [port, "127.0.0.1"], [proxyPort, "127.0.0.1"], traffic, {
    within,
    cut: () => proxy.stall(),
    restore: () => proxy.close(),
  });
  await server.call("close");
  return report;
}

/**
 * The link to a client is cut, so that nobody is told.
 *
 * @param retries - how often the server's system sends something again
 */
export async function vanishedPeer(
  traffic: Traffic,
  retries: number,
  within: number,
): Promise<HalfOpenReport> {
  using network = openNetwork();
  network.retries(retries);
  await using server = await startProgram<FaultServer>("fault-server", [], network.launcher);
  const { address: host } = network;
  const port = await server.call("listen", { ...optionsFor(traffic), host });
  const report = await vanish(server, [port, host], [port, host], traffic, { within, ...network });
  await server.call("close");
  return report;
}

/**
 * After how much silence the system asks whether the client of a stream is still there, in
 * milliseconds; undefined where it does not. Linux tells of each socket's timer.
 */
export async function askedAfter(keepAlive: number | false): Promise<number | undefined> {
  await using server = await startProgram<FaultServer>("fault-server");
  const port = await server.call("listen", optionsFor({ bytes: 0, keepAlive }));
  const link = dialHttp1(port)(PATH, undefined, () => {});
  // Whatever else has a timer, such as an acknowledgement that is put off, is soon over.
  let left: number | undefined;
  await settled(() => link.lastId !== "", 5_000);
  await settled(() => (left = timerOf(port)) === undefined || left > 1_000, 5_000);
  link.leave(false);
  await server.call("close");
  return left;
}

/** How long the timer of a server's one open socket still runs, in milliseconds (proc(5), /proc/net/tcp). */
function timerOf(port: number): number | undefined {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const sockets = readFileSync("/proc/net/tcp", "latin1")
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const [socket] = sockets.filter(
    ([, address, , state]) => address?.endsWith(local) && state === "01",
  );
  const [, kind, ticks] = /^(\d\d):([\dA-F]{8})$/.exec(socket?.[5] ?? "") ?? [];
  // 2 is the timer of what TCP does when nothing is in flight; its ticks are hundredths of a second.
  return kind === "00" ? undefined : Number.parseInt(ticks ?? "", 16) * 10;
}

function optionsFor({ keepAlive, writeTimeout, maxDuration }: Traffic) {
  return {
    requestTimeout: 1_000,
    sluice: {
      keepAlive,
      writeTimeout: writeTimeout ?? (false as const),
      logStreams: false,
      ...(maxDuration !== undefined && { maxDuration }),
    },
    channels: {
      stallTimeout: "1h",
      maxBufferedBytes: 268_435_456,
      history: { count: 100_000, bytes: 268_435_456 },
    },
  } as const;
}

interface Cut {
  readonly within: number;
  cut(this: void): void;
  restore(this: void): void;
}

/** A client listens, is gone, is found to be, and comes back. */
async function vanish(
  server: Program<FaultServer>,
  direct: readonly [port: number, host: string],
  way: readonly [port: number, host: string],
  { bytes }: Traffic,
  { within, cut, restore }: Cut,
): Promise<HalfOpenReport> {
  const descriptors = countDescriptors(server.pid);
  const counts = { next: 0, lost: 0, doubled: 0 };
  const take = ({ event, data }: WireEvent): void => {
    if (event !== "load") return;
    const { seq } = JSON.parse(data) as { seq: number };
    if (seq < counts.next) counts.doubled++;
    else counts.lost += seq - counts.next;
    counts.next = Math.max(counts.next, seq + 1);
  };
  const link = dialHttp1(...way)(PATH, undefined, take);
  await settled(() => link.lastId !== "", 5_000);
  let published = 0;
  const publish = async (size: number): Promise<void> => {
    published += (await server.call("publish", "main", 1, size)).length;
  };
  for (let n = 0; n < 3; n++) await publish(10);
  await settled(() => counts.next === published, 5_000);

  cut();
  const began = Date.now();
  let closed: Closed | undefined;
  while (closed === undefined && Date.now() < began + within) {
    if (bytes > 0) await publish(bytes);
    await delay(10);
    [closed] = await server.call("closes");
  }
  const { lastId } = link;
  link.leave(true);
  restore();

  const back = dialHttp1(...direct)(PATH, lastId, take);
  await publish(10);
  await settled(() => counts.next === published, 10_000);
  back.leave(false);
  const { lost, doubled, next } = counts;
  return {
    reason: closed?.reason ?? "none",
    foundAfter: (closed?.at ?? Number.POSITIVE_INFINITY) - began,
    lost: lost + published - next,
    doubled,
    leaked: await leftOf(server, descriptors),
    peakMemory: await server.call("peak"),
  };
}
