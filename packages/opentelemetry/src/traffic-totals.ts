import type { Closed, ConnectionMessage, Sent } from "./messages.js";

/** What a handler's streams come to. */
export interface RouteTotals {
  active: number;
  events: number;
  bytes: number;
}

/**
 * Adds up what is told with every write, by handler. An instrument would look its attributes up each
 * time; the totals are read once a collection.
 */
export class TrafficTotals {
  readonly #routes = new Map<string, RouteTotals>();
  /** The connections that were seen to open: others' closing must not count. */
  readonly #open = new Set<number>();

  opened({ id, route }: ConnectionMessage): void {
    this.#open.add(id);
    this.#of(route).active++;
  }

  sent({ route, events, bytes }: Sent): void {
    const totals = this.#of(route);
    totals.events += events;
    totals.bytes += bytes;
  }

  closed({ id, route }: Closed): void {
    if (this.#open.delete(id)) this.#of(route).active--;
  }

  [Symbol.iterator](): Iterator<[route: string, totals: Readonly<RouteTotals>]> {
    return this.#routes.entries();
  }

  #of(route: string): RouteTotals {
    let totals = this.#routes.get(route);
    if (totals === undefined)
      this.#routes.set(route, (totals = { active: 0, events: 0, bytes: 0 }));
    return totals;
  }
}
