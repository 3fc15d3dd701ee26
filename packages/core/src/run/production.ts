import { Channel } from "../channel/channel.js";
import { Merged } from "../channel/merged.js";
import { Subscription } from "../channel/subscription.js";
import { SluiceError } from "../errors.js";
import { type PullProducer, type SourceItem, toProducer } from "../source.js";
import { stopIterator } from "../stop-iterator.js";
import { PushIterator } from "../stream/push-iterator.js";
import { RunSource } from "./run-source.js";

type Step = IteratorResult<SourceItem, unknown>;

/** How a source stops, for who watches. */
interface Stopping {
  readonly promise: Promise<boolean>;
  readonly resolve: (ended: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** What a run's handler produces, from its call to the end of its source, which comes once. */
export class Production {
  readonly #route: string;
  #source: PullProducer | undefined;
  #isStopped = false;
  /** A step is being taken; for an async iterator, only its part before the first wait. */
  #isStepping = false;
  /** The source came to its end or threw: nothing is left to stop. */
  #hasEnded = false;
  #stopping: Stopping | undefined;

  /** @param route - the handler's name */
  constructor(route: string) {
    this.#route = route;
  }

  /**
   * Calls the handler, and takes from its source until that is done, or this is stopped.
   *
   * @param began - called when the source is there
   * @param take - what to do with each event; the next is asked for when it resolves
   * @throws what the handler, its source or `take` throws, unless it was stopped before; SluiceError
   *   `ERR_SOURCE`, `ERR_RUN` for what can't be run
   */
  async run(
    call: () => unknown,
    began: () => void,
    take: (item: SourceItem) => Promise<void>,
  ): Promise<void> {
    try {
      this.#source = toPull(await call(), this.#route);
      if (this.#isStopped) return this.#stopNow();
      began();
      while (!this.#isStopped) {
        const step = await this.#next();
        if (step.done === true) this.#hasEnded = true;
        if (this.#hasEnded || this.#isStopped) return;
        await take(step.value as SourceItem);
      }
    } catch (error) {
      if (!this.#isStopped) throw error;
      // Who watches how it stops is told.
      this.#stopping?.reject(error);
    }
  }

  /**
   * Stops the source, and sees it to its end.
   *
   * @returns undefined where it has ended; a promise of whether it does, that rejects with what it throws
   */
  stop(): Promise<boolean> | undefined {
    this.#isStopped = true;
    if (this.#hasEnded) {
      // A generator holds what its handler was given, also when it is over.
      this.#source = undefined;
      return undefined;
    }
    this.#stopping = newStopping();
    // A generator can't be stopped from within a step, nor before there is one.
    if (this.#source !== undefined && !this.#isStepping) this.#stopNow();
    return this.#stopping.promise;
  }

  /** A step; a sync iterator's throw becomes a rejection, as an async one's is. */
  async #next(): Promise<Step> {
    try {
      return await this.#step();
    } catch (error) {
      this.#hasEnded = true;
      throw error;
    }
  }

  #step(): Step | Promise<Step> {
    this.#isStepping = true;
    try {
      return this.#source!.iterator.next();
    } finally {
      this.#isStepping = false;
      if (this.#isStopped) this.#stopNow();
    }
  }

  #stopNow(): void {
    const { resolve, reject } = this.#stopping!;
    const { iterator, release } = this.#source!;
    this.#source = undefined;
    try {
      release?.();
    } catch (error) {
      reject(error);
    }
    stopIterator(iterator).then(resolve, reject);
  }
}

function newStopping(): Stopping {
  let resolve!: Stopping["resolve"];
  let reject!: Stopping["reject"];
  const promise = new Promise<boolean>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** @throws SluiceError `ERR_SOURCE`, `ERR_RUN` */
function toPull(value: unknown, route: string): PullProducer {
  if (
    value instanceof Channel ||
    value instanceof Subscription ||
    value instanceof Merged ||
    value instanceof RunSource
  ) {
    throw new SluiceError(
      "ERR_RUN",
      `${route} returned what others can listen to already, which needs no run. Take @Run away, or yield what the run itself makes.`,
    );
  }
  const producer = toProducer(value, route);
  return "push" in producer ? { iterator: new PushIterator(producer.push) } : producer;
}
