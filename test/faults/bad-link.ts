import { setTimeout as delay } from "node:timers/promises";
import { BadProxy } from "./bad-proxy.js";
import { countDescriptors } from "./descriptors.js";
import { leftOf } from "./left-of.js";
import { startProgram } from "./program.js";
import type { Crowd } from "./programs/crowd.js";
import type { FaultServer } from "./programs/fault-server.js";
import { mulberry32 } from "./random.js";

export interface BadLinkReport {
  readonly published: number;
  /** How many bytes came one by one, and how many connections were reset in between. */
  readonly bytes: number;
  readonly cuts: number;
  readonly lost: number;
  readonly doubled: number;
  readonly strange: number;
  /** Clients that have the last event. */
  readonly arrived: number;
  /** Resets that clients were told. */
  readonly resets: number;
  readonly leaked: readonly string[];
  readonly rejections: readonly string[];
  readonly peakMemory: number;
}

const PATH = "/faults/channel/main";

/**
 * Clients listen through a proxy that passes each byte on by itself, waits, and resets connections;
 * they come back with their last ids.
 *
 * @param duration - in milliseconds
 */
export async function badLink(
  clients: number,
  duration: number,
  seed: number,
): Promise<BadLinkReport> {
  const random = mulberry32(seed);
  await using server = await startProgram<FaultServer>("fault-server");
  await using crowd = await startProgram<Crowd>("crowd");
  const port = await server.call("listen", {
    sluice: { retry: 5, keepAlive: 50, logStreams: false },
    channels: { history: { count: 100_000, bytes: 67_108_864 } },
  });
  const descriptors = countDescriptors(server.pid);
  const proxy = new BadProxy(port);
  const proxyPort = await proxy.listen();
  await crowd.call("connect", proxyPort, PATH, clients, true);
  const published: string[] = [];
  const publish = async (count: number): Promise<void> => {
    published.push(...(await server.call("publish", "main", count, Math.floor(random() * 60))));
  };
  // Who has an event has a place to come back to.
  await publish(1);
  await crowd.call("reached", 1);

  proxy.misbehave({ random, pauses: 0.01, resets: 0.000_5, longestPause: 20 });
  const end = performance.now() + duration;
  while (performance.now() < end) {
    await publish(random() < 0.1 ? 5 : 1);
    await delay(random() * 120);
  }
  proxy.behave();
  await publish(1);
  const arrived = await Promise.race([
    crowd.call("reached", published.length).then(() => clients),
    delay(30_000).then(() => crowd.call("count", published.length)),
  ]);
  const { resets } = await crowd.call("fates");
  const verdict = await crowd.call("verdict", PATH, published);
  const peakMemory = await server.call("peak");
  await crowd.call("restart");
  proxy.close();
  const leaked = await leftOf(server, descriptors);
  const { rejections } = await server.call("state");
  await server.call("close");
  return {
    published: published.length,
    bytes: proxy.bytes,
    cuts: proxy.resets,
    ...verdict,
    arrived,
    resets: resets.flat().length,
    leaked,
    rejections,
    peakMemory,
  };
}
