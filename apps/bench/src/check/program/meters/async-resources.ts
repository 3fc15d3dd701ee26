import { createHook } from "node:async_hooks";
import type { Meter, Reading } from "./meter.js";

/**
 * Counts what Node makes to go on later with: promises (`PROMISE`), ticks (`TickObject`), immediates,
 * timers, requests of sockets. `timers` is how many of the timers that were made are still set.
 */
export class AsyncResources implements Meter {
  readonly #created = new Map<string, number>();
  readonly #timers = new Set<number>();
  readonly #hook = createHook({
    init: (id, type) => {
      this.#created.set(type, (this.#created.get(type) ?? 0) + 1);
      if (type === "Timeout") this.#timers.add(id);
    },
    destroy: (id) => void this.#timers.delete(id),
  });

  start(): void {
    this.#created.clear();
    this.#timers.clear();
    this.#hook.enable();
  }

  stop(): Reading {
    this.#hook.disable();
    return { ...Object.fromEntries(this.#created), timers: this.#timers.size };
  }
}
