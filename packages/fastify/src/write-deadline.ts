/** How often it is looked whether clients take what is sent, in parts of the deadline. */
const STEPS = 4;

/** A connection that a deadline looks after. */
export interface Watched {
  /** Bytes that the client has not taken. */
  readonly waitingBytes: number;
  /** Bytes that it has taken, in all. */
  readonly takenBytes: number;
  /** What it had taken when it was last seen to take something; the deadline's own. */
  takenBefore: number;
  /** When that was. */
  takenAt: number;
  /** The client has not taken anything for so long. */
  stall(): void;
}

/** Ends connections whose clients take nothing of what waits for them, by one timer for all. */
export class WriteDeadline {
  /** In milliseconds. */
  readonly limit: number;
  readonly #watched = new Set<Watched>();
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
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sweep(now: number): void {
    for (const connection of this.#watched) {
      const { waitingBytes, takenBytes } = connection;
      if (waitingBytes === 0 || takenBytes !== connection.takenBefore) {
        connection.takenBefore = takenBytes;
        connection.takenAt = now;
      } else if (now - connection.takenAt >= this.limit) connection.stall();
    }
  }
}
