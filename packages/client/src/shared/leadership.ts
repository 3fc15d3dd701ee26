/** Who wants to lead. */
export interface Candidate {
  /** The lock is held, until `quit` or `lost`. */
  won(): void;
  /** Another tab has taken the lock away. */
  lost(): void;
  /** There are no locks here after all, as where a browser keeps nothing for a page. */
  failed(): void;
}

/** The lock that one tab of all holds. The browser takes it back from a tab that is gone. */
export class Leadership {
  readonly #locks: Pick<LockManager, "request">;
  readonly #name: string;
  readonly #candidate: Candidate;
  #quitting: AbortController | undefined;

  constructor(locks: Pick<LockManager, "request">, name: string, candidate: Candidate) {
    this.#locks = locks;
    this.#name = name;
    this.#candidate = candidate;
  }

  /** Waits for the lock or, with `steal`, takes it from whoever has it. */
  seek(steal = false): void {
    this.quit();
    const quitting = new AbortController();
    const { signal } = quitting;
    this.#quitting = quitting;
    const hold = (): Promise<void> =>
      new Promise((release) => {
        if (signal.aborted) return release();
        signal.addEventListener("abort", () => release());
        this.#candidate.won();
      });
    this.#locks
      .request(this.#name, steal ? { steal } : { signal }, hold)
      .catch(({ name }: DOMException) => {
        if (signal.aborted) return;
        quitting.abort();
        // That is what stealing does, be the lock held already or just about to be.
        if (name === "AbortError") this.#candidate.lost();
        else this.#candidate.failed();
      });
  }

  /** Lets go of the lock, or no longer waits for it. */
  quit(): void {
    this.#quitting?.abort();
  }
}
