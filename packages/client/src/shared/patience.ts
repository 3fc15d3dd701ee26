import type { Surroundings } from "./surroundings.js";

/** How long the leader may be silent before it is asked, and how long it then has to answer, in milliseconds. */
const PATIENCE = 10_000;

/** What is done about a silent leader. */
export interface Impatient {
  /** It may just have nothing to tell. */
  ask(): void;
  /** It does not answer: a page may be stopped without a word, and without losing its lock. */
  replace(): void;
}

/** Waits for the leader to say something. */
export class Patience {
  readonly #surroundings: Surroundings;
  readonly #owner: Impatient;
  #wasAsked = false;
  #stop: () => void = () => {};

  constructor(surroundings: Surroundings, owner: Impatient) {
    this.#surroundings = surroundings;
    this.#owner = owner;
  }

  start(): void {
    this.stop();
    this.#stop = this.#surroundings.after(PATIENCE, () => {
      this.start();
      if (this.#wasAsked) this.#owner.replace();
      else this.#owner.ask();
      this.#wasAsked = !this.#wasAsked;
    });
  }

  stop(): void {
    this.#stop();
  }

  /** The leader has said something. */
  heard(): void {
    this.#wasAsked = false;
  }
}
