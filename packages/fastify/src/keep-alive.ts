/** How finely silence is measured: a comment goes out after 80 to 90 % of the interval, for timers come late. */
const STEPS = 10;

/** What a keep-alive looks after. */
export interface KeptAlive {
  /** The step in which something was last written; the keep-alive compares it. */
  lastWrite: number;
  sendKeepAlive(): void;
}

/** Sends a comment on connections that have been silent, by one timer for all of them. */
export class KeepAlive {
  /** Counts the steps; a connection notes it when it writes. */
  step = 0;
  readonly #interval: number;
  readonly #connections = new Set<KeptAlive>();
  #timer: NodeJS.Timeout | undefined;

  /** @param interval - the longest silence, in milliseconds */
  constructor(interval: number) {
    this.#interval = interval;
  }

  add(connection: KeptAlive): void {
    connection.lastWrite = this.step;
    this.#connections.add(connection);
    this.#timer ??= setInterval(
      () => this.#sweep(),
      Math.max(1, Math.floor(this.#interval / STEPS)),
    ).unref();
  }

  delete(connection: KeptAlive): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #sweep(): void {
    const step = ++this.step;
    for (const connection of this.#connections) {
      if (step - connection.lastWrite >= STEPS - 1) connection.sendKeepAlive();
    }
  }
}
