import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { getHeapSpaceStatistics } from "node:v8";
import type { Meter, Reading } from "./meter.js";

/**
 * Counts the bytes of the objects that are made: what the young generation has grown by. That is exact
 * to the byte as long as no garbage is collected, which is counted too, as `collections`.
 *
 * The old generation is left out: V8 compiles into it when it likes.
 */
export class YoungBytes implements Meter {
  #collections = 0;
  #collectionsBefore = 0;
  #before = 0;

  constructor() {
    new PerformanceObserver((list) => {
      this.#collections += list.getEntries().length;
    }).observe({ entryTypes: ["gc"] });
  }

  start(): void {
    this.#collectionsBefore = this.#collections;
    this.#before = youngBytes();
  }

  async stop(): Promise<Reading> {
    const bytes = youngBytes() - this.#before;
    // The observer hears of a collection in a later turn.
    for (let turns = 0; turns < 3; turns++) await turn();
    return { bytes, collections: this.#collections - this.#collectionsBefore };
  }
}

function youngBytes(): number {
  let bytes = 0;
  for (const { space_name: name, space_used_size: used } of getHeapSpaceStatistics())
    if (name === "new_space" || name === "new_large_object_space") bytes += used;
  return bytes;
}
