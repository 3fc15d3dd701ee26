/** Does something again and again, while there is need of it. */
export class Beat {
  readonly #every: number | undefined;
  readonly #act: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param every - in milliseconds; undefined for never */
  constructor(every: number | undefined, act: () => void) {
    this.#every = every;
    this.#act = act;
  }

  keep(isNeeded: boolean): void {
    if (isNeeded && this.#every !== undefined) {
      this.#timer ??= setInterval(this.#act, this.#every).unref();
    } else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
