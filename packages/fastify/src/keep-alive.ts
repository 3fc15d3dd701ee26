/** How finely silence is measured: a comment goes out after 80 to 90 % of the interval, for timers come late. */
const STEPS = 10;

/** What a keep-alive looks after. */
export interface KeptAlive {
  /** How many bytes were written to it, in all. */
  readonly writtenBytes: number;
  /** How many they were when it was last seen to be written to; the keep-alive's own. */
  writtenBefore: number;
  /** The step in which that was seen. */
  writtenIn: number;
  sendKeepAlive(): void;
}

/** Sends a comment on connections that have been silent, by one timer for all of them. */
export class KeepAlive {
  /** The longest silence, in milliseconds. */
  readonly interval: number;
  readonly #connections = new Set<KeptAlive>();
  #step = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param interval - the longest silence, in milliseconds */
  constructor(interval: number) {
    this.interval = interval;
  }

  add(connection: KeptAlive): void {
    connection.writtenBefore = connection.writtenBytes;
    // As if it were seen in the next step.
    connection.writtenIn = this.#step + 1;
    this.#connections.add(connection);
    this.#timer ??= setInterval(
      () => this.#sweep(),
      Math.max(1, Math.floor(this.interval / STEPS)),
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
    const step = ++this.#step;
    for (const connection of this.#connections) {
      // What was written is seen up to a step later, and costs the writing nothing.
      if (connection.writtenBytes !== connection.writtenBefore) note(connection, step);
      else if (step - connection.writtenIn >= STEPS - 2) {
        connection.sendKeepAlive();
        note(connection, step);
      }
    }
  }
}

function note(connection: KeptAlive, step: number): void {
  connection.writtenBefore = connection.writtenBytes;
  connection.writtenIn = step;
}
