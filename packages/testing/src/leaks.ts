import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ProducerStopped } from "@sluice/fastify";
import { SseTestError } from "./errors.js";
import { realDelay } from "./wait.js";

/** The kinds of resources of the process that a forgotten stream leaves behind. */
const RESOURCES = ["TCPSocketWrap", "TLSWrap", "Timeout", "Immediate"] as const;

/** How often it is looked whether something is left, in milliseconds. */
const INTERVAL = 5;

/** What came and went since {@link watchLeaks}. */
export interface LeakWatch extends Disposable {
  /** Connections that are open, by route. */
  readonly connections: ReadonlyMap<string, number>;
  /** Sources that were told to stop and still run, by route. */
  readonly producers: ReadonlyMap<string, number>;
  /**
   * Resolves when nothing is left of what was opened since.
   *
   * @param within - how long that may take, in milliseconds. Default: 2,000
   * @throws SseTestError `ERR_LEAK` that names what is left
   */
  verify(within?: number): Promise<void>;
}

/**
 * Watches connections, sources, sockets and timers of this process from now on. Start the
 * application before, and disconnect the clients before `verify()`.
 */
export function watchLeaks(): LeakWatch {
  const connections = new Map<string, number>();
  const producers = new Map<string, number>();
  const listeners: [string, (message: unknown) => void][] = [
    ...pair(connections, "sluice:connection:opened", "sluice:connection:closed"),
    ...pair(producers, "sluice:producer:stopping", "sluice:producer:stopped"),
  ];
  for (const [name, listener] of listeners) subscribe(name, listener);
  const before = countResources();

  const leaks = (): string[] => [
    ...[...connections].map(([route, count]) => `${count} connection(s) of ${route}`),
    ...[...producers].map(([route, count]) => `${count} running source(s) of ${route}`),
    ...surplus(before),
  ];
  return {
    connections,
    producers,
    async verify(within = 2_000) {
      for (let waited = 0; leaks().length > 0; waited += INTERVAL) {
        if (waited > within)
          throw new SseTestError("ERR_LEAK", `Left after ${within} ms: ${leaks().join(", ")}.`);
        await realDelay(INTERVAL);
      }
    },
    [Symbol.dispose]() {
      for (const [name, listener] of listeners) unsubscribe(name, listener);
    },
  };
}

/** Counts what begins and has not ended; the end of what began before the watch counts for nothing. */
function pair(
  counts: Map<string, number>,
  begin: string,
  end: string,
): [string, (message: unknown) => void][] {
  const known = new Set<number>();
  const add = (route: string, step: number): void => {
    const count = (counts.get(route) ?? 0) + step;
    if (count === 0) counts.delete(route);
    else counts.set(route, count);
  };
  return [
    [
      begin,
      (message) => {
        const { id, route } = message as ProducerStopped;
        known.add(id);
        add(route, 1);
      },
    ],
    [
      end,
      (message) => {
        const { id, route } = message as ProducerStopped;
        if (known.delete(id)) add(route, -1);
      },
    ],
  ];
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo())
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function surplus(before: ReadonlyMap<string, number>): string[] {
  const now = countResources();
  return RESOURCES.flatMap((name) => {
    const more = (now.get(name) ?? 0) - (before.get(name) ?? 0);
    return more > 0 ? [`${more} ${name}`] : [];
  });
}
