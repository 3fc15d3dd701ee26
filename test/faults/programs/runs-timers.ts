/** How many timers there may be that have come to their end, before they are let go of. */
const SLACK = 1_000;

/** What Node knows of a timer that was cleared, or has come and does not repeat. */
type Timer = NodeJS.Timeout & { readonly _destroyed: boolean };

/** Counts the timers of the process, those that don't keep it alive too, which Node does not tell. */
export class LiveTimers {
  readonly #timers = new Set<Timer>();
  #limit = SLACK;

  /** Watches every timer that is set from now on. */
  constructor() {
    for (const name of ["setTimeout", "setInterval"] as const) {
      const original = globalThis[name] as (...args: unknown[]) => NodeJS.Timeout;
      const watched = (...args: unknown[]): NodeJS.Timeout => {
        const timer = original(...args) as Timer;
        this.#timers.add(timer);
        if (this.#timers.size > this.#limit) this.#limit = this.count() + SLACK;
        return timer;
      };
      Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
      Object.assign(globalThis, { [name]: watched });
    }
  }

  count(): number {
    for (const timer of this.#timers) if (timer._destroyed) this.#timers.delete(timer);
    return this.#timers.size;
  }
}
