/** How many events go out in one turn of the event loop. */
const EVENTS_PER_TURN = 32;

/** Gives others a turn where a source never waits. */
export class Turns {
  #left = EVENTS_PER_TURN;
  #isTurnNoted = false;

  /** Counts an event. @returns what to wait for; undefined where this turn has room */
  take(): Promise<void> | undefined {
    if (!this.#isTurnNoted) {
      this.#isTurnNoted = true;
      setImmediate(() => {
        this.#isTurnNoted = false;
        this.#left = EVENTS_PER_TURN;
      });
    }
    if (--this.#left > 0) return undefined;
    return new Promise((resolve) => void setImmediate(resolve));
  }
}
