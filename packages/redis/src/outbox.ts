import { setTimeout as delay } from "node:timers/promises";
import { type Publication, SluiceError } from "@sluice/core";
import { RedisBrokerError } from "./errors.js";

/** How much goes into one batch at most. */
const BATCH_ENTRIES = 100;
const BATCH_CHARACTERS = 262_144;

/** How long to wait before a batch is tried again, in milliseconds. */
const PAUSE = 50;

/** Refusals of a server that will take it later, or whose successor will. */
const PASSING =
  /^(LOADING|READONLY|MASTERDOWN|TRYAGAIN|CLUSTERDOWN|BUSY|OOM|MISCONF|NOREPLICAS|UNKILLABLE)\b/;

interface Waiting {
  readonly publication: Publication;
  readonly deadline: number;
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

/** Stores a batch under a key; the same key is stored once. Answers an id for each that was stored. */
export type Store = (batch: readonly Publication[], key: string) => Promise<readonly string[]>;

/**
 * What waits to be stored in one channel. One batch is on its way at a time, and it is tried again under the same key
 * until it is known what became of it: so the order of publishing is the order of the channel, and nothing is
 * stored twice.
 */
export class Outbox {
  readonly #channel: string;
  readonly #timeout: number;
  readonly #store: Store;
  readonly #newKey: () => string;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  /** @param timeout - how long publishing may take, in milliseconds */
  constructor(channel: string, timeout: number, store: Store, newKey: () => string) {
    this.#channel = channel;
    this.#timeout = timeout;
    this.#store = store;
    this.#newKey = newKey;
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

  /** Lets what is on its way come to an end, and refuses the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // What is published in one turn goes together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#take();
      if (batch.length > 0) await this.#send(batch);
    }
    this.#running = undefined;
  }

  #take(): readonly Waiting[] {
    const now = performance.now();
    let count = 0;
    let characters = 0;
    while (count < this.#queue.length && count < BATCH_ENTRIES && characters < BATCH_CHARACTERS) {
      characters += this.#queue[count++]!.publication.text.length;
    }
    const taken = this.#queue.splice(0, count);
    for (const { deadline, reject } of taken) if (deadline <= now) reject(this.#notStored());
    return taken.filter(({ deadline }) => deadline > now);
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const key = this.#newKey();
    const publications = batch.map(({ publication }) => publication);
    const { deadline } = batch[0]!;
    let mayBeStored = false;
    for (;;) {
      try {
        const ids = await this.#store(publications, key);
        for (const [index, { resolve, reject }] of batch.entries()) {
          const id = ids[index];
          if (id === undefined) reject(this.#ended());
          else resolve(id);
        }
        return;
      } catch (cause) {
        const error = cause as RedisBrokerError;
        mayBeStored ||= error.code === "ERR_REDIS_DEADLINE";
        const isFinal = error.code === "ERR_REDIS_REPLY" && !PASSING.test(messageOf(error.cause));
        if (this.#closed || isFinal || performance.now() + PAUSE >= deadline) {
          const failure = mayBeStored ? this.#unknown(error) : this.#notStored(error);
          for (const { reject } of batch) reject(failure);
          return;
        }
        await delay(PAUSE);
      }
    }
  }

  #ended(): SluiceError {
    return new SluiceError(
      "ERR_CHANNEL_ENDED",
      `The channel ${JSON.stringify(this.#channel)} has been ended. Publish to one with another name.`,
    );
  }

  #notStored(cause?: unknown): SluiceError {
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

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : "";
}
