/** How much wider each bucket is than the one before. */
const GROWTH = Math.log(1.02);

/** Less than this makes no difference. */
const LEAST = 0.01;

/** How often values have come, in buckets that hold 2 % each: its size does not grow with their number. */
export class Histogram {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #min = Infinity;
  #max = -Infinity;

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  /** @param value - may be negative */
  add(value: number): void {
    const size = Math.max(Math.abs(value), LEAST);
    const bucket = Math.sign(value) * (Math.round(Math.log(size / LEAST) / GROWTH) + 1);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  /**
   * The value that a share of all values does not exceed, to 1 %.
   *
   * @param share - from 0 to 1
   * @returns NaN while there are none
   */
  quantile(share: number): number {
    let left = Math.max(1, Math.ceil(share * this.#count));
    for (const bucket of [...this.#buckets.keys()].toSorted((a, b) => a - b)) {
      left -= this.#buckets.get(bucket)!;
      if (left > 0) continue;
      const value = Math.sign(bucket) * LEAST * Math.exp((Math.abs(bucket) - 1) * GROWTH);
      return Math.min(Math.max(value, this.#min), this.#max);
    }
    return NaN;
  }
}
