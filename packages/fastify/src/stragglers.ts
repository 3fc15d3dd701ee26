import type { FastifyBaseLogger } from "fastify";
import { isAbortError } from "./abort-error.js";
import { producerStopped, producerStopping, producerStuck } from "./diagnostics.js";
import { nextId } from "./next-id.js";

interface Straggler {
  readonly id: number;
  readonly route: string;
  readonly since: number;
  /** What has ended, as a message says it. */
  readonly after: string;
}

/**
 * Watches sources that were told to stop. Nobody can wake a generator that waits for something and
 * ignores the signal, but its handler can be named. A straggler holds no connection, request or timer.
 */
export class Stragglers {
  readonly #log: FastifyBaseLogger;
  readonly #stuckAfter: number;
  /** Those that have not been named yet. */
  readonly #running = new Set<Straggler>();
  #timer: NodeJS.Timeout | undefined;

  /** @param stuckAfter - how long a source may take to stop before it is named, in milliseconds */
  constructor(log: FastifyBaseLogger, stuckAfter: number) {
    this.#log = log;
    this.#stuckAfter = stuckAfter;
  }

  /**
   * @param route - the handler's name
   * @param stopping - resolves when the source has come to its end, with false when it refuses to
   * @param after - why it was told to stop, as a message says it
   */
  watch(route: string, stopping: Promise<boolean>, after = "its connection closed"): void {
    const straggler: Straggler = { id: nextId(), route, since: Date.now(), after };
    this.#running.add(straggler);
    if (producerStopping.hasSubscribers) producerStopping.publish({ id: straggler.id, route });
    this.#timer ??= setInterval(() => this.#check(), this.#stuckAfter / 2).unref();
    stopping.then(
      (ended) => {
        if (!ended) this.#name(straggler);
        this.#forget(straggler);
      },
      (error: unknown) => {
        this.report(route, error);
        this.#forget(straggler);
      },
    );
  }

  /** Logs what a source threw after its connection closed. A signal that is obeyed often ends in a throw. */
  report(route: string, error: unknown): void {
    if (!isAbortError(error))
      this.#log.warn({ err: error, route }, `${route} threw while it was being stopped`);
  }

  #check(): void {
    const limit = Date.now() - this.#stuckAfter;
    for (const straggler of this.#running) if (straggler.since <= limit) this.#name(straggler);
  }

  /** Tells of a straggler, once: nothing more can be done about it. */
  #name(straggler: Straggler): void {
    if (!this.#delete(straggler)) return;
    const { route, since, after } = straggler;
    const elapsed = Date.now() - since;
    this.#log.warn(
      { route, elapsed },
      `${route} still runs after ${after}: pass the signal to what it waits for`,
    );
    if (producerStuck.hasSubscribers) producerStuck.publish({ route, elapsed });
  }

  #forget(straggler: Straggler): void {
    this.#delete(straggler);
    const { id, route } = straggler;
    if (producerStopped.hasSubscribers) producerStopped.publish({ id, route });
  }

  #delete(straggler: Straggler): boolean {
    const deleted = this.#running.delete(straggler);
    if (this.#running.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    return deleted;
  }
}
