/** Percentiles, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** From here on, in microseconds, times are counted together. */
const LONGEST = 10_000_000;

/** Counts times of 0.1 ms each, so that millions of them cost nothing. */
export class Latencies {
  readonly #counts = new Uint32Array(LONGEST / 100 + 1);
  #total = 0;

  /** @param microseconds - how long it took */
  add(microseconds: number): void {
    this.#counts[(Math.min(LONGEST, Math.max(0, microseconds)) / 100) | 0]!++;
    this.#total++;
  }

  /** The percentiles of what was added since the last time. */
  take(): Percentiles {
    const result = { p50: this.#at(0.5), p99: this.#at(0.99) };
    this.#counts.fill(0);
    this.#total = 0;
    return result;
  }

  #at(share: number): number {
    let left = this.#total * share;
    const slot = this.#counts.findIndex((count) => (left -= count) <= 0);
    return slot / 10;
  }
}
