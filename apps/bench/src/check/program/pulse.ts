/** What generators wait for: at each beat, all of them go on. */
export class Pulse {
  #next!: Promise<void>;
  #resolve!: () => void;

  constructor() {
    this.#renew();
  }

  /** Resolves at the next beat; one promise for all who wait. */
  get next(): Promise<void> {
    return this.#next;
  }

  beat(): void {
    const resolve = this.#resolve;
    this.#renew();
    resolve();
  }

  #renew(): void {
    this.#next = new Promise((resolve) => (this.#resolve = resolve));
  }
}
