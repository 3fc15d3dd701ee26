/** How often it is looked whether clients take what is sent, in parts of the deadline. */
const STEPS = 4;

/** A connection that a deadline looks after. */
export interface Watched {
  /** Bytes that the client has not taken. */
  readonly waitingBytes: number;
  /** Bytes that it has taken, in all. */
  readonly takenBytes: number;
  /** The client has not taken anything for so long. */
  stall(): void;
}

/** What a client was last seen to take. */
interface Taken {
  readonly bytes: number;
  /** When, in milliseconds of the monotonic clock. */
  readonly at: number;
}

/** Ends connections whose clients take nothing of what waits for them, by one timer for all. */
export class WriteDeadline {
  /** In milliseconds. */
  readonly limit: number;
  readonly #watched = new Set<Watched>();
  /** Those for whom something waits. */
  readonly #waiting = new Map<Watched, Taken>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(connection: Watched): void {
    this.#watched.add(connection);
    this.#timer ??= setInterval(
      () => this.#sweep(performance.now()),
      Math.max(1, Math.floor(this.limit / STEPS)),
    ).unref();
  }

  delete(connection: Watched): void {
    this.#watched.delete(connection);
    this.#waiting.delete(connection);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sweep(now: number): void {
    for (const connection of this.#watched) {
      if (connection.waitingBytes === 0) {
        this.#waiting.delete(connection);
        continue;
      }
      const { takenBytes: bytes } = connection;
      const taken = this.#waiting.get(connection);
      if (taken?.bytes !== bytes) this.#waiting.set(connection, { bytes, at: now });
      else if (now - taken.at >= this.limit) connection.stall();
    }
  }
}
