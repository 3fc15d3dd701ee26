import {
  ATTACH,
  type PullProducer,
  type SourceItem,
  type SourceIterator,
  stopIterator,
  toProducer,
} from "@sluice/core";
import type { Connection, Feed } from "./connection.js";
import type { StreamRoute } from "./stream-route.js";
import { Pace } from "./writers/writer.js";

type Step = IteratorResult<SourceItem, unknown>;

/**
 * Runs a source into a connection. Resolves when the head is out, or the client has left.
 *
 * @throws what the source's first step throws, while the head is not out
 */
export async function pump(connection: Connection, source: unknown): Promise<void> {
  const producer = toProducer(source, connection.route.compiled.name);
  if ("push" in producer) {
    const attachment = producer.push[ATTACH](connection);
    connection.feedFrom(attachment);
    if (connection.isClosed) return;
    const opening = attachment.opening?.(connection.route.openWithin);
    if (opening !== undefined) {
      await opening;
      if (connection.isClosed) return;
    }
    // It is told by the connection, so that what it has goes out with the head.
    await connection.open();
    return;
  }
  const pull = new Pull(connection, producer);
  connection.feedFrom(pull);
  // The client may have left while the handler worked: a generator is then never started.
  if (!connection.isClosed) await pull.start();
}

/**
 * Pulls an iterator: the next step is taken when the client has room, so that a slow client slows
 * the producer. While it waits for a step it holds no connection that has closed.
 */
class Pull implements Feed {
  readonly #route: StreamRoute;
  readonly #iterator: SourceIterator;
  readonly #release: (() => void) | undefined;
  #connection: Connection | undefined;
  #wake: (() => void) | undefined;
  /** The iterator came to its end or threw: nothing is left to stop. */
  #ended = false;
  /** A step is being taken; for an async iterator, only its part before the first wait. */
  #stepping = false;

  constructor(connection: Connection, { iterator, release }: PullProducer) {
    this.#route = connection.route;
    this.#connection = connection;
    this.#iterator = iterator;
    this.#release = release;
  }

  /** Takes the first step, and opens with its event, or without when it takes too long. */
  async start(): Promise<void> {
    const first = this.#next();
    const step = await this.#firstWithin(first, this.#route.openWithin);
    if (step === undefined || step.done) {
      await this.#connection?.open();
      void this.#run(first);
    } else if (await this.#connection?.open(step.value)) {
      void this.#run(this.#next());
    }
  }

  drained(): void {
    this.#resume();
  }

  closed(): void {
    this.#connection = undefined;
    this.#resume();
    // A step that closes its own connection is let finish: a generator can't be stopped from within.
    if (!this.#stepping) this.#stop();
  }

  /** Runs the rest of the stream, from a step that has been taken. Never rejects. */
  async #run(step: Step | Promise<Step>): Promise<void> {
    for (;;) {
      let result: Step;
      try {
        result = await step;
      } catch (error) {
        this.#ended = true;
        if (this.#connection !== undefined) this.#connection.fail(error);
        else this.#route.stragglers.report(this.#route.compiled.name, error);
        return;
      }
      if (result.done) this.#ended = true;
      const pace = this.#deliver(result);
      if (pace === undefined) return;
      if (pace !== Pace.Go) await this.#pause(pace);
      if (this.#connection === undefined) return;
      step = this.#next();
    }
  }

  /**
   * Hands a step to the connection; what comes after its end is dropped.
   *
   * @returns undefined when it was the last
   */
  #deliver(result: Step): Pace | undefined {
    const connection = this.#connection;
    if (connection === undefined) return undefined;
    if (result.done) {
      connection.complete();
      return undefined;
    }
    try {
      return connection.send(result.value);
    } catch (error) {
      connection.fail(error);
      return undefined;
    }
  }

  /** A step; a sync iterator's throw becomes a rejection, as an async one's is. */
  #next(): Step | Promise<Step> {
    this.#stepping = true;
    try {
      return this.#iterator.next();
    } catch (error) {
      return Promise.reject(error);
    } finally {
      this.#stepping = false;
      if (this.#connection === undefined) this.#stop();
    }
  }

  #stop(): void {
    if (this.#ended) return;
    const { compiled, stragglers } = this.#route;
    try {
      this.#release?.();
    } catch (error) {
      stragglers.report(compiled.name, error);
    }
    stragglers.watch(compiled.name, stopIterator(this.#iterator));
  }

  /** The first step, or undefined when time is up or the client has left before. */
  async #firstWithin(first: Step | Promise<Step>, limit: number): Promise<Step | undefined> {
    if (!("then" in first)) return first;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      this.#wake = () => resolve(undefined);
      timer = setTimeout(resolve, limit, undefined);
    });
    try {
      return await Promise.race([first, late]);
    } catch (error) {
      this.#ended = true;
      throw error;
    } finally {
      clearTimeout(timer);
      this.#wake = undefined;
    }
  }

  /**
   * Waits until the client has caught up or left, or only for the next turn of the event loop, so that
   * a producer that never waits leaves the others a turn.
   */
  #pause(pace: Pace): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (pace === Pace.Yield) {
        setImmediate(() => {
          // A drain may have come first, and the next pause may be one for the client.
          if (this.#wake === resolve) this.#resume();
        });
      }
    });
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
