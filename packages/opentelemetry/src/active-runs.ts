import type { RunMessage } from "./messages.js";

/** Counts the runs that go on, by handler; the counts are read once a collection. */
export class ActiveRuns {
  readonly #counts = new Map<string, number>();
  /** The runs that were seen to start: others' ends must not count. */
  readonly #running = new Set<string>();

  started({ id, route }: RunMessage): void {
    this.#running.add(id);
    this.#add(route, 1);
  }

  ended({ id, route }: RunMessage): void {
    if (this.#running.delete(id)) this.#add(route, -1);
  }

  /** Handlers whose runs have all ended are among them: their count is 0. */
  [Symbol.iterator](): Iterator<[route: string, count: number]> {
    return this.#counts.entries();
  }

  #add(route: string, change: 1 | -1): void {
    this.#counts.set(route, (this.#counts.get(route) ?? 0) + change);
  }
}
