import { EventEmitter, once } from "node:events";
import { randomUUID } from "node:crypto";

const STEP = 10;
const STEP_TIME = 400;

/** A piece of work that takes a few seconds, on this node or on another. */
export class Job extends EventEmitter<{ progress: [] }> {
  #percent = 0;
  #isLost = false;

  constructor(readonly id = randomUUID().slice(0, 8)) {
    super();
    this.setMaxListeners(0); // one for each who watches
  }

  get percent(): number {
    return this.#percent;
  }

  /** Whether the node that did it is gone. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Does the work. @param tell - called with how far it is */
  run(tell: (percent: number) => void): void {
    let percent = 0;
    const timer = setInterval(() => {
      percent += STEP;
      if (percent >= 100) clearInterval(timer);
      tell(percent);
    }, STEP_TIME);
    timer.unref();
  }

  reach(percent: number): void {
    this.#percent = percent;
    this.emit("progress");
  }

  lose(): void {
    this.#isLost = true;
    this.emit("progress");
  }

  /** How far it is, now and at each step to come, from 0 to 100; it ends when the job is lost. */
  async *watch(signal: AbortSignal): AsyncGenerator<number, void, unknown> {
    for (let told = -1; told < 100;) {
      // A step may have been taken while the last one was on its way.
      if (told === this.#percent && !this.#isLost) await once(this, "progress", { signal });
      if (told === this.#percent && this.#isLost) return;
      yield (told = this.#percent);
    }
  }
}
