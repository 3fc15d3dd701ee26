/** How often, at most, it is learned whether somebody listens elsewhere, in milliseconds. */
const SHORTEST_LOOK = 1_000;

/** Who listens to a run in this process, and how long nobody does. */
export class Audience {
  readonly #orphan: number | false;
  readonly #deserted: () => void;
  #size = 0;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param orphan - how long a run goes on without listeners, in milliseconds; false for ever
   * @param deserted - called when nobody has listened for so long
   */
  constructor(orphan: number | false, deserted: () => void) {
    this.#orphan = orphan;
    this.#deserted = deserted;
  }

  get size(): number {
    return this.#size;
  }

  joined(): void {
    this.#size++;
    clearTimeout(this.#timer);
  }

  left(): void {
    this.#size--;
    this.await();
  }

  /** Counts from now on, if nobody listens. */
  await(): void {
    this.#await(0);
  }

  /** Counts anew: somebody listens elsewhere. */
  awaitAgain(): void {
    this.#await(SHORTEST_LOOK);
  }

  /** Nobody is waited for any more. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #await(least: number): void {
    if (this.#orphan === false || this.#size > 0 || this.#isOver) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#deserted, Math.max(least, this.#orphan)).unref();
  }
}
