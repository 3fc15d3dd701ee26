import { countDescriptors } from "./descriptors.js";
import type { Percentiles } from "./latencies.js";
import { leftOf } from "./left-of.js";
import { startProgram } from "./program.js";
import type { Crowd } from "./programs/crowd.js";
import type { FaultServer } from "./programs/fault-server.js";

export interface TenChannelsReport {
  /** Memory of the server that a connection takes, in bytes. */
  readonly perConnection: number;
  readonly latencies: Percentiles;
  readonly lost: number;
  readonly doubled: number;
  readonly strange: number;
  readonly leaked: readonly string[];
  readonly rejections: readonly string[];
  /** More than before the clients came, in bytes. */
  readonly peakMemory: number;
}

const CHANNELS = Array.from({ length: 10 }, (_, n) => `channel-${n}`);

/**
 * Many clients share ten channels; each gets each event of its own, and none of another.
 *
 * @param clients - of each channel
 * @param events - for each channel
 */
export async function tenChannels(clients: number, events: number): Promise<TenChannelsReport> {
  await using server = await startProgram<FaultServer>("fault-server");
  await using crowd = await startProgram<Crowd>("crowd");
  const port = await server.call("listen", { sluice: { logStreams: false } });
  const descriptors = countDescriptors(server.pid);
  // What the first connections set up for good is no cost of the others.
  await crowd.call("connect", port, pathOf(CHANNELS[0]!), Math.min(clients, 500));
  await crowd.call("restart");
  await leftOf(server, descriptors);
  const before = await server.call("memory");
  for (const name of CHANNELS) await crowd.call("connect", port, pathOf(name), clients);
  const after = await server.call("memory");

  const published = new Map<string, string[]>(CHANNELS.map((name) => [name, []]));
  await crowd.call("latencies");
  for (let n = 1; n <= events; n++) {
    const ids = await Promise.all(CHANNELS.map((name) => server.call("publish", name, 1, 40)));
    for (const [channel, [id]] of ids.entries()) published.get(CHANNELS[channel]!)!.push(id!);
    await crowd.call("reached", n);
  }
  const latencies = await crowd.call("latencies");
  const totals = { lost: 0, doubled: 0, strange: 0 };
  const seen = new Set<string>();
  for (const [name, ids] of published) {
    const verdict = await crowd.call("verdict", pathOf(name), ids);
    totals.lost += verdict.lost;
    totals.doubled += verdict.doubled;
    totals.strange += verdict.strange;
    for (const id of ids) seen.add(id);
  }
  // An id tells its channel too: what came of another one would be strange.
  if (seen.size !== CHANNELS.length * events) totals.strange++;
  const peakMemory = (await server.call("peak")) - before.rss;
  await crowd.call("restart");
  const leaked = await leftOf(server, descriptors);
  const { rejections } = await server.call("state");
  await server.call("close");
  const perConnection = (after.rss - before.rss) / (clients * CHANNELS.length);
  return { perConnection, latencies, ...totals, leaked, rejections, peakMemory };
}

function pathOf(name: string): string {
  return `/faults/channel/${name}`;
}
