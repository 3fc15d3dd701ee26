import { setTimeout as sleep } from "node:timers/promises";
import { type Tick, tick } from "./tick.js";

/** How the events of `POST /publish` come. */
export interface Publishing {
  readonly turns: number;
  /** Events in each turn of the event loop. */
  readonly burst: number;
  /** Milliseconds between turns. */
  readonly gap: number;
  /** Characters that each event is made longer by. */
  readonly padding: number;
  readonly channels: number;
}

/** @param query - of `POST /publish` */
export function readPublishing(query: URLSearchParams): Publishing {
  const number = (name: string, otherwise: number): number => Number(query.get(name) ?? otherwise);
  return {
    turns: number("turns", 200),
    burst: number("burst", 1),
    gap: number("gap", 10),
    padding: number("pad", 0),
    channels: number("channels", 1),
  };
}

/**
 * Publishes: the events of a burst in one turn of the event loop, a timer between bursts.
 *
 * @param publish - is given the event and the number of its channel
 */
export async function follow(
  { turns, burst, gap, padding, channels }: Publishing,
  publish: (event: Tick, channel: number) => void,
): Promise<void> {
  const counts = Array.from({ length: channels }, () => 0);
  let next = 0;
  for (let turn = 0; turn < turns; turn++) {
    for (let i = 0; i < burst; i++) {
      const channel = next++ % channels;
      const n = (counts[channel] ?? 0) + 1;
      counts[channel] = n;
      publish(tick(n, padding), channel);
    }
    await sleep(gap);
  }
}
