/** Somebody whose head waits. */
interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Whether a run has begun well. Until it has, the heads of those who want to hear it are held back, so
 * that a failure can still be answered as an HTTP error: until the first event or the end, or until a
 * time has passed since the handler gave its source.
 */
export class Opening {
  readonly #waiting = new Set<Waiting>();
  #state: "calling" | "stepping" | "open" = "calling";
  #failure: { readonly error: unknown } | undefined;
  #isTold = false;
  #within: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Nobody has been told yet that the run is there. */
  get isPending(): boolean {
    return this.#state !== "open";
  }

  /** Somebody has been told how it has failed. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /**
   * Waits until it has begun well.
   *
   * @param within - the longest wait for the first event, in milliseconds
   * @param left - hears how to stop waiting early
   * @returns undefined where there is nothing to wait for; rejects with what the handler threw
   */
  wait(within: number, left: (stop: () => void) => void): Promise<void> | undefined {
    if (this.#failure !== undefined) {
      this.#isTold = true;
      return Promise.reject(this.#failure.error);
    }
    if (this.#state === "open") return undefined;
    this.#within ??= within;
    this.#startTimer();
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { resolve, reject };
      this.#waiting.add(waiting);
      left(() => {
        this.#waiting.delete(waiting);
        resolve();
      });
    });
  }

  /** The handler has given its source. */
  stepping(): void {
    if (this.#state !== "calling") return;
    this.#state = "stepping";
    this.#startTimer();
  }

  open(): void {
    this.#end();
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** Tells who waits, and who comes yet because it was there a moment ago. */
  fail(error: unknown): void {
    this.#end();
    this.#failure = { error };
    this.#isTold = this.#waiting.size > 0;
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  #startTimer(): void {
    if (this.#state !== "stepping" || this.#within === undefined) return;
    this.#timer ??= setTimeout(() => this.open(), this.#within).unref();
  }

  #end(): void {
    this.#state = "open";
    clearTimeout(this.#timer);
  }
}
