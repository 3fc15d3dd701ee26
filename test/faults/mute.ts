import { setTimeout as delay } from "node:timers/promises";
import { countDescriptors } from "./descriptors.js";
import { counted } from "./counted.js";
import type { Percentiles } from "./latencies.js";
import { leftOf } from "./left-of.js";
import { startProgram } from "./program.js";
import type { Crowd } from "./programs/crowd.js";
import type { Closed, FaultServer } from "./programs/fault-server.js";

/** What clients listen to that never read. */
export const MUTE_CASES = [
  { name: "channel", pathOf: () => "/faults/channel/main" },
  { name: "generator", pathOf: () => "/faults/generator?pace=0&bytes=32768" },
  {
    name: "SseStream",
    // As many bytes a second for all of them together, however many they are.
    pathOf: (clients: number) => `/faults/stream?pace=${Math.ceil(clients / 5)}&bytes=65536`,
  },
] as const;

/** What may wait for a client, in bytes. */
export const MAX_BUFFERED = 65_536;

export interface MuteReport {
  /** How many of them were closed, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** From when they had all that goes into the system's buffers to the last close, in milliseconds. */
  readonly closedWithin: number;
  /** The most memory of the server beyond the most that it had before they came, in bytes. */
  readonly extraMemory: number;
  readonly peakMemory: number;
  /** Of the others. */
  readonly without: Percentiles;
  readonly with: Percentiles;
  readonly lost: number;
  readonly doubled: number;
  readonly strange: number;
  readonly leaked: readonly string[];
  readonly rejections: readonly string[];
}

const OTHERS = 20;
const PATH = "/faults/channel/main";

/**
 * Clients connect and never read, beside some that do.
 *
 * @param timeout - `writeTimeout` and `stallTimeout`, in milliseconds
 * @param measured - how many events are measured before they come
 */
export async function mute(
  { pathOf }: (typeof MUTE_CASES)[number],
  clients: number,
  timeout: number,
  measured: number,
): Promise<MuteReport> {
  await using server = await startProgram<FaultServer>("fault-server");
  await using crowd = await startProgram<Crowd>("crowd");
  const port = await server.call("listen", {
    sluice: { writeTimeout: timeout, maxBufferedBytes: MAX_BUFFERED, logStreams: false },
    channels: { overflow: "skip", stallTimeout: timeout, maxBufferedBytes: MAX_BUFFERED },
  });
  await crowd.call("connect", port, PATH, OTHERS);
  const published: string[] = [];
  const publish = async (bytes: number): Promise<void> => {
    published.push(...(await server.call("publish", "main", 1, bytes)));
    await crowd.call("reached", published.length);
  };

  const descriptors = countDescriptors(server.pid) - OTHERS;
  await server.call("memory");
  for (let n = 0; n < measured; n++) await publish(65_536);
  await crowd.call("latencies");
  for (let n = 0; n < measured; n++) await paced(publish);
  const without = await crowd.call("latencies");
  const peakWithout = await server.call("peak");

  await crowd.call("connectMute", port, pathOf(clients), clients);
  // What the systems of both sides take of it comes first.
  const closes: Closed[] = [];
  const filledBy = performance.now() + timeout / 2;
  while (performance.now() < filledBy) await publish(65_536);
  const filledAt = Date.now();
  await crowd.call("latencies");
  const deadline = performance.now() + 2 * timeout + 10_000;
  while (closes.length < clients && performance.now() < deadline) {
    await paced(publish);
    closes.push(...(await server.call("closes")));
  }
  const during = await crowd.call("latencies");
  const peak = await server.call("peak");
  const verdict = await crowd.call("verdict", PATH, published);
  await crowd.call("restart");
  const leaked = await leftOf(server, descriptors);
  const { rejections } = await server.call("state");
  await server.call("close");
  return {
    reasons: counted(closes.map(({ reason }) => reason)),
    closedWithin: Math.max(...closes.map(({ at }) => at)) - filledAt,
    extraMemory: Math.max(0, peak - peakWithout),
    peakMemory: peak,
    without,
    with: during,
    ...verdict,
    leaked,
    rejections,
  };
}

async function paced(publish: (bytes: number) => Promise<void>): Promise<void> {
  await publish(1_024);
  await delay(5);
}
