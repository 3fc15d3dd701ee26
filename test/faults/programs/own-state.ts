import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyInstance } from "fastify";

/** What a process holds, in bytes, after a collection. */
export interface Held {
  readonly rss: number;
  readonly heap: number;
  /** Outside of the heap, as the bytes that wait in sockets are. */
  readonly external: number;
}

/** Collects what can be collected, and tells what is left. */
export async function heldNow(): Promise<Held> {
  for (let n = 0; n < 3; n++) {
    globalThis.gc!();
    await nextTurn();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed, external };
}

/** How many sockets a server has. */
export function countSockets({ server }: FastifyInstance): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );
}
