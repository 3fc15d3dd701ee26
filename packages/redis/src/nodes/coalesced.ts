/**
 * Shares the runs of a task that has to begin after it was asked for: who asks while one is on its way waits for the next
 * one, together with all others who do. When one fails, so does what waits for the next.
 */
export class Coalesced {
  readonly #task: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(task: () => Promise<void>) {
    this.#task = task;
  }

  run(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return (this.#running = this.#run());
    this.#next = this.#running.then(
      () => {
        this.#next = undefined;
        return (this.#running = this.#run());
      },
      (error: unknown) => {
        this.#next = undefined;
        throw error;
      },
    );
    return this.#next;
  }

  async #run(): Promise<void> {
    try {
      await this.#task();
    } finally {
      this.#running = undefined;
    }
  }
}
