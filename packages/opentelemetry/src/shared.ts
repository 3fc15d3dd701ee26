/**
 * Starts something once for a key, however many ask for it, and ends it with the last of them: two
 * that recorded into one provider would count everything twice.
 */
export class Shared<Key extends object> {
  readonly #start: (key: Key) => () => void;
  readonly #running = new WeakMap<Key, { users: number; readonly stop: () => void }>();

  /** @param start - returns what ends it */
  constructor(start: (key: Key) => () => void) {
    this.#start = start;
  }

  /** @returns what lets go of it; called again, it does nothing */
  use(key: Key): () => void {
    let running = this.#running.get(key);
    if (running === undefined)
      this.#running.set(key, (running = { users: 0, stop: this.#start(key) }));
    running.users++;
    const used = running;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (--used.users > 0) return;
      this.#running.delete(key);
      used.stop();
    };
  }
}
