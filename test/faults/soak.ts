import { setTimeout as delay } from "node:timers/promises";
import { countDescriptors } from "./descriptors.js";
import { dialHttp1 } from "./link.js";
import { leftOf } from "./left-of.js";
import { type Program, startProgram } from "./program.js";
import type { FaultServer } from "./programs/fault-server.js";
import { mulberry32, pick } from "./random.js";
import { type Line, leastSquares } from "./slope.js";

export interface SoakReport {
  readonly visits: number;
  readonly published: number;
  /** How the server's heap grew after it was warm: in bytes, over the visits. */
  readonly slope: Line;
  /** The heap after collections, in bytes, from first to last. */
  readonly heaps: readonly number[];
  readonly lost: number;
  readonly doubled: number;
  readonly leaked: readonly string[];
  readonly rejections: readonly string[];
  readonly peakMemory: number;
}

const REMEMBERED = 10_000;
const STEADY = ["steady-0", "steady-1", "steady-2"] as const;
const OTHERS = ["generator?pace=5&bytes=100", "stream?pace=5&bytes=100", "quiet"] as const;

/**
 * Clients come and go for a long time, some of them to channels that nobody else has heard of, while
 * events are published.
 *
 * @param clients - how many there are at once
 * @param duration - in milliseconds; what the first third shows is warming up
 * @param samples - how often the heap is measured after that
 */
export async function soak(
  clients: number,
  duration: number,
  samples: number,
  seed: number,
): Promise<SoakReport> {
  const random = mulberry32(seed);
  await using server = await startProgram<FaultServer>("fault-server");
  const port = await server.call("listen", {
    sluice: { keepAlive: 100, logStreams: false },
    // What is kept of channels is no leak: it is little, and soon forgotten.
    channels: { history: { count: 50, age: 1_000 } },
  });
  // As many channels as are remembered at most when nobody needs them: each new one costs an old one.
  await server.call("visitChannels", REMEMBERED);
  const descriptors = countDescriptors(server.pid);
  const totals = { visits: 0, published: 0, lost: 0, doubled: 0 };
  const over = new AbortController();
  const { signal } = over;
  const visiting = Array.from({ length: clients }, async (_, n) => {
    const visitor = new Visitor(port, random);
    while (!signal.aborted) {
      // Most go where events are; the others where there are none yet, or something else.
      if (random() < 0.6) await visitor.visit(`channel/${STEADY[n % STEADY.length]!}`);
      else if (random() < 0.5) await visitor.visit(`channel/rare-${totals.visits}`);
      else await visitor.visit(pick(OTHERS, random));
      totals.visits++;
    }
    totals.lost += visitor.lost;
    totals.doubled += visitor.doubled;
  });
  const publishing = (async () => {
    let lastRare: string | undefined;
    while (!signal.aborted) {
      for (const name of STEADY) await server.call("publish", name, 1, 200);
      totals.published += STEADY.length;
      const rare = `rare-${totals.visits}`;
      // Once each: a channel that is forgotten would number its events from the first again.
      if (rare !== lastRare) {
        await server.call("publish", rare, 1, 200);
        await server.call("forget", rare);
        totals.published++;
        lastRare = rare;
      }
      await delay(10);
    }
  })();

  await delay(duration / 3);
  const points = await measure(server, samples, (duration * 2) / 3 / samples, () => totals.visits);
  over.abort();
  await Promise.all([...visiting, publishing]);
  const leaked = await leftOf(server, descriptors);
  const peakMemory = await server.call("peak");
  const { rejections } = await server.call("state");
  await server.call("close");
  return {
    ...totals,
    slope: leastSquares(points),
    heaps: points.map(([, heap]) => heap),
    leaked,
    rejections,
    peakMemory,
  };
}

async function measure(
  server: Program<FaultServer>,
  samples: number,
  pause: number,
  visits: () => number,
): Promise<readonly (readonly [number, number])[]> {
  const points: (readonly [number, number])[] = [];
  for (let n = 0; n < samples; n++) {
    await delay(pause);
    await server.call("closes");
    const { heap } = await server.call("memory");
    points.push([visits(), heap]);
  }
  return points;
}

/** Goes from one stream to the next, and comes back to some with the last id. */
class Visitor {
  lost = 0;
  doubled = 0;
  readonly #port: number;
  readonly #random: () => number;

  constructor(port: number, random: () => number) {
    this.#port = port;
    this.#random = random;
  }

  /** Listens twice, the second time from where the first one ended. */
  async visit(path: string): Promise<void> {
    const random = this.#random;
    const dial = dialHttp1(this.#port);
    let next: number | undefined;
    let lastId: string | undefined;
    for (let n = 0; n < 2; n++) {
      const link = dial(`/faults/${path}`, lastId, ({ id, event, data }) => {
        lastId = id;
        // What is kept is little: who was away for long is told, and begins anew.
        if (event === "sluice.reset") next = undefined;
        if (event !== "load") return;
        const { seq } = JSON.parse(data) as { seq: number };
        if (next !== undefined && seq < next) this.doubled++;
        if (next !== undefined && seq > next) this.lost += seq - next;
        next = seq + 1;
      });
      await delay(random() * 100);
      link.leave(random() < 0.5);
      await link.closed;
      // Streams that are pushed to and the quiet one begin anew.
      if (!path.startsWith("channel") && !path.startsWith("generator")) return;
    }
  }
}
