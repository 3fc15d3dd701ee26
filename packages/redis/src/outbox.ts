import { setTimeout as delay } from "node:timers/promises";
import { type Publication, SluiceError } from "@sluice/core";
import { refusalOf, toFailure } from "./failure.js";

/** How much goes into one batch at most. */
const BATCH_ENTRIES = 100;
const BATCH_CHARACTERS = 262_144;

/** How long to wait before a batch is tried again, in milliseconds. */
const PAUSE = 50;

/** Refusals of a server that will take it later, or whose successor will. */
const PASSING: ReadonlySet<string | undefined> = new Set([
  "BUSY",
  "CLUSTERDOWN",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "NOREPLICAS",
  "OOM",
  "READONLY",
  "TRYAGAIN",
  "UNKILLABLE",
]);

interface Waiting {
  readonly publication: Publication;
  /** As `performance.now()` counts. */
  readonly deadline: number;
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Stores a batch under a number; of the numbers of one channel only higher ones than before are stored, and the last
 * one is answered again.
 *
 * @param deadline - when nobody waits for the answer any more, as `performance.now()` counts
 * @returns an id for each that was stored: those behind an end are not
 */
export type Store = (
  batch: readonly Publication[],
  number: number,
  deadline: number,
) => Promise<readonly string[]>;

/**
 * What waits to be stored in one channel. One batch is on its way at a time, and it is tried again under the same
 * number until it is known what became of it: so the order of publishing is the order of the channel, and nothing is
 * stored twice.
 */
export class Outbox {
  readonly #channel: string;
  readonly #timeout: number;
  readonly #store: Store;
  readonly #newNumber: () => number;
  /** The deadlines ascend. */
  readonly #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  /**
   * @param timeout - how long publishing may take, in milliseconds
   * @param newNumber - gives a higher one each time
   */
  constructor(channel: string, timeout: number, store: Store, newNumber: () => number) {
    this.#channel = channel;
    this.#timeout = timeout;
    this.#store = store;
    this.#newNumber = newNumber;
  }

  get isIdle(): boolean {
    return this.#running === undefined;
  }

  push(publication: Publication): Promise<string> {
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + this.#timeout;
      this.#queue.push({ publication, deadline, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Stores what waits, as long as nothing fails, and refuses the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // What is published in one turn goes together.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#send(this.#take());
    this.#running = undefined;
  }

  #take(): readonly Waiting[] {
    let count = 0;
    let characters = 0;
    while (count < this.#queue.length && count < BATCH_ENTRIES && characters < BATCH_CHARACTERS) {
      characters += this.#queue[count++]!.publication.text.length;
    }
    return this.#queue.splice(0, count);
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const number = this.#newNumber();
    const publications = batch.map(({ publication }) => publication);
    /** Those that have not been told what became of them. */
    let left = batch;
    let mayBeStored = false;
    for (;;) {
      try {
        const ids = await this.#store(publications, number, left[0]!.deadline);
        for (const [index, { resolve, reject }] of left.entries()) {
          const id = ids[batch.length - left.length + index];
          if (id === undefined) reject(this.#ended());
          else resolve(id);
        }
        return;
      } catch (cause) {
        const error = toFailure(cause);
        mayBeStored ||= error.code === "ERR_REDIS_DEADLINE";
        const isFinal = error.code === "ERR_REDIS_REPLY" && !PASSING.has(refusalOf(error));
        // Nothing is waited for at the end.
        if (this.#closed) left = [...left, ...this.#queue.splice(0)];
        const due = this.#closed || isFinal ? Infinity : performance.now() + PAUSE;
        const some = left.filter(({ deadline }) => deadline <= due);
        for (const waiting of some) {
          const isUnknown = mayBeStored && batch.includes(waiting);
          waiting.reject(isUnknown ? this.#unknown(error) : this.#notStored(error));
        }
        left = left.slice(some.length);
        if (left.length === 0) return;
        await delay(PAUSE);
        // What certainly was not stored can go with what has come since.
        if (!mayBeStored) {
          this.#queue.unshift(...left);
          return;
        }
      }
    }
  }

  #ended(): SluiceError {
    return new SluiceError(
      "ERR_CHANNEL_ENDED",
      `The channel ${JSON.stringify(this.#channel)} has been ended. Publish to one with another name.`,
    );
  }

  #notStored(cause: unknown): SluiceError {
    return new SluiceError(
      "ERR_NOT_STORED",
      `An event for the channel ${JSON.stringify(this.#channel)} was not stored: Redis could not be asked, or refused. Publish it again.`,
      { cause },
    );
  }

  #unknown(cause: unknown): SluiceError {
    return new SluiceError(
      "ERR_OUTCOME_UNKNOWN",
      `Nobody knows whether an event for the channel ${JSON.stringify(this.#channel)} was stored: Redis got it and has not answered. If it is published again, clients may get it twice.`,
      { cause },
    );
  }
}
