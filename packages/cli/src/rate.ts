/** Over how long a rate is taken, and how finely, in milliseconds. */
const SPAN = 5_000;
const SLOT = 250;
const SLOTS = SPAN / SLOT;

/** How much has come a second, over the last five. */
export class Rate {
  readonly #slots = new Float64Array(SLOTS);
  readonly #start: number;
  /** The number of the slot that is being filled, from the start. */
  #slot = 0;

  /** @param now - in milliseconds */
  constructor(now: number) {
    this.#start = now;
  }

  add(amount: number, now: number): void {
    this.#advance(now);
    this.#slots[this.#slot % SLOTS]! += amount;
  }

  /** @returns what has come a second */
  at(now: number): number {
    this.#advance(now);
    const span = Math.min(Math.max(now - this.#start, 1_000), SPAN);
    return this.#slots.reduce((sum, amount) => sum + amount, 0) / (span / 1_000);
  }

  #advance(now: number): void {
    const slot = Math.floor((now - this.#start) / SLOT);
    for (let next = this.#slot + 1; next <= slot && next <= this.#slot + SLOTS; next++) {
      this.#slots[next % SLOTS] = 0;
    }
    this.#slot = Math.max(slot, this.#slot);
  }
}
