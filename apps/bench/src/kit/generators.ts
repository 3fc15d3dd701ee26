import { setTimeout as sleep } from "node:timers/promises";
import type { Gate } from "./gate.js";
import { type Tick, tick } from "./tick.js";

/** The generators that every subject streams, each in the shape that its framework wants. */
export class Generators {
  /** Those of {@link endless} whose `finally` has not run. */
  live = 0;
  readonly #gate: Gate;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** `/one`: waits for `POST /go`, then yields. */
  async *one(events: number, gap: number): AsyncGenerator<Tick, void> {
    await this.#gate.pass();
    for (let n = 1; n <= events; n++) {
      if (gap > 0) await sleep(gap);
      yield tick(n);
    }
  }

  /** `/endless`: yields without waiting. */
  async *endless(pad: string): AsyncGenerator<Tick, void> {
    this.live++;
    try {
      for (let n = 1; ; n++) yield tick(n, pad);
    } finally {
      this.live--;
    }
  }
}
