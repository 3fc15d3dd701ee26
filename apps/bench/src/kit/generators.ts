import { setTimeout as sleep } from "node:timers/promises";
import type { Gate } from "./gate.js";
import { type Tick, tick } from "./tick.js";

const asItIs = <T>(data: Tick): T => data as T;

/**
 * The generators that every subject streams. They yield what its framework wants to be yielded, so that
 * none needs a second generator around them.
 */
export class Generators {
  /** Those of {@link endless} whose `finally` has not run. */
  live = 0;
  readonly #gate: Gate;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /**
   * `/one`: waits for `POST /go`, then yields.
   *
   * @param gap - milliseconds before each event
   * @param shape - makes the event that the framework wants
   * @defaultValue the tick itself
   */
  async *one<T = Tick>(
    events: number,
    gap = 0,
    shape: (data: Tick) => T = asItIs,
  ): AsyncGenerator<T, void> {
    await this.#gate.pass();
    for (let n = 1; n <= events; n++) {
      if (gap > 0) await sleep(gap);
      yield shape(tick(n));
    }
  }

  /** `/endless`: yields without waiting. */
  async *endless<T = Tick>(
    padding: number,
    shape: (data: Tick) => T = asItIs,
  ): AsyncGenerator<T, void> {
    this.live++;
    try {
      for (let n = 1; ; n++) yield shape(tick(n, padding));
    } finally {
      this.live--;
    }
  }
}
