import { setTimeout as delay } from "node:timers/promises";
import { countDescriptors } from "./descriptors.js";
import { leftOf } from "./left-of.js";
import { startProgram } from "./program.js";
import type { Crowd } from "./programs/crowd.js";
import type { FaultServer } from "./programs/fault-server.js";

export interface ExhaustedReport {
  /** Descriptors of the server, when no more were to be had. */
  readonly descriptors: number;
  /** How many connections it had then, of all that were tried. */
  readonly connections: number;
  /** Who was there before has stayed, and has everything. */
  readonly stayed: number;
  /** Who came afterwards, and has everything. */
  readonly welcomed: number;
  readonly lost: number;
  readonly doubled: number;
  readonly strange: number;
  readonly leaked: readonly string[];
  readonly rejections: readonly string[];
  readonly peakMemory: number;
}

const PATH = "/faults/channel/main";

/**
 * More clients come than the server may have descriptors for.
 *
 * @param limit - of descriptors
 * @param clients - how many listen before, and stay
 * @param rounds - how often too many come and leave again
 */
export async function exhausted(
  limit: number,
  clients: number,
  rounds: number,
): Promise<ExhaustedReport> {
  await using server = await startProgram<FaultServer>(
    "fault-server",
    [],
    ["/bin/sh", "-c", `ulimit -n ${limit} && exec "$0" "$@"`],
  );
  await using crowd = await startProgram<Crowd>("crowd");
  const port = await server.call("listen", { sluice: { logStreams: false } });
  const before = countDescriptors(server.pid);
  await crowd.call("connect", port, PATH, clients);
  const published: string[] = [];
  const publish = async (): Promise<void> => {
    published.push(...(await server.call("publish", "main", 1, 100)));
    await crowd.call("reached", published.length);
  };
  await publish();

  let [descriptors, connections] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    await crowd.call("connectMute", port, "/faults/quiet", limit * 2);
    for (let n = 0; n < 20; n++) {
      await publish();
      const state = await server.call("state");
      descriptors = Math.max(descriptors, countDescriptors(server.pid));
      connections = Math.max(connections, state.connections);
    }
    await crowd.call("leaveMute");
    const deadline = performance.now() + 5_000;
    while (performance.now() < deadline) {
      if ((await server.call("state")).connections === clients) break;
      await delay(10);
    }
  }

  const { open } = await crowd.call("fates");
  const guests: number[] = [];
  for (let n = 0; n < 20; n++) guests.push(await crowd.call("comeBack", 0, port, PATH));
  await publish();
  await publish();
  const guestStates = await Promise.all(guests.map((guest) => crowd.call("state", guest)));
  const verdict = await crowd.call("verdict", PATH, published);
  const peakMemory = await server.call("peak");
  await crowd.call("restart");
  const leaked = await leftOf(server, before);
  const { rejections } = await server.call("state");
  await server.call("close");
  return {
    descriptors,
    connections,
    stayed: open,
    welcomed: guestStates.filter(({ next }) => next >= published.length - 1).length,
    ...verdict,
    leaked,
    rejections,
    peakMemory,
  };
}
