import { AssertionError } from "node:assert";
import { type EventMap, isEndMark } from "@sluice/core";
import type { Agent, Dispatcher } from "undici";
import { SseTestError } from "./errors.js";
import { EventReader } from "./event-reader.js";
import { type EventName, type EventOf, type ReceivedEvent, showEvent } from "./received-event.js";
import { oneSocket, send, type SseTestOptions } from "./request.js";
import { Limit } from "./wait.js";

/** In milliseconds. Less than the five seconds after which test runners end a test and say only that. */
const DEFAULT_TIMEOUT = 3_000;

/** The member of a client that looks for an event. */
export const SEARCH = Symbol("search");

/** What a search has come to. */
export interface Search {
  /** The event that was accepted, if one was. */
  readonly found: ReceivedEvent | undefined;
  /** The events before it, which count as taken. */
  readonly passed: readonly ReceivedEvent[];
  /** What it had time for, and what had been received then, for a message. */
  readonly when: string;
  readonly received: string;
}

/** A client of one stream, on a socket of its own. It knows the types of the stream's events. */
export class SseTestClient<M extends EventMap = EventMap> implements AsyncIterable<EventOf<M>> {
  readonly #url: URL;
  readonly #options: SseTestOptions;
  #agent: Agent | undefined;
  #response: Dispatcher.ResponseData | undefined;
  #reader: EventReader;
  #ended: Promise<boolean> = Promise.resolve(true);

  constructor(url: URL, options: SseTestOptions) {
    this.#url = url;
    this.#options = options;
    this.#reader = new EventReader(options.lastEventId);
  }

  get status(): number {
    return this.#answer.statusCode;
  }

  get headers(): Readonly<Record<string, string | string[] | undefined>> {
    return this.#answer.headers;
  }

  /** What has been received of the body, as it stood on the wire. */
  get raw(): string {
    return this.#reader.raw;
  }

  /** The comments that have been received. */
  get comments(): readonly string[] {
    return this.#reader.comments;
  }

  /** The reconnection time that the server has asked for, in milliseconds. */
  get retry(): number | undefined {
    return this.#reader.retry;
  }

  /** The id that the next {@link reconnect} sends. */
  get lastEventId(): string | undefined {
    return this.#reader.lastId;
  }

  /** Resolves when the answer is over: true when it came to its end, false when it was cut off. */
  get ended(): Promise<boolean> {
    return this.#ended;
  }

  /** Whether the stream told that it is complete, so that a browser would stop. */
  get isComplete(): boolean {
    return this.lastEventId !== undefined && isEndMark(this.lastEventId);
  }

  /**
   * The next event.
   *
   * @param name - what it must be called; its data then has the type that goes with the name
   * @throws SseTestError `ERR_TIMEOUT` when none comes, `ERR_ENDED` when the stream is over,
   * `ERR_NOT_A_STREAM` when the answer is no event stream
   * @throws AssertionError when the event has another name
   */
  async next<N extends EventName<M> = EventName<M>>(name?: N): Promise<EventOf<M, N>> {
    const event = await this.#next();
    if (event === undefined)
      throw new SseTestError("ERR_ENDED", "The stream is over: there is no next event.");
    if (name !== undefined && event.event !== name) {
      const message = `The next event is not "${name}" but ${showEvent(event)}.`;
      // oxlint-disable-next-line typescript/unbound-method -- it says where the stack begins
      const stackStartFn = SseTestClient.prototype.next;
      throw new AssertionError({ message, actual: event.event, expected: name, stackStartFn });
    }
    return event as EventOf<M, N>;
  }

  /** The next so many events. Throws as {@link next} does. */
  async take(count: number): Promise<EventOf<M>[]> {
    const events: EventOf<M>[] = [];
    while (events.length < count) events.push(await this.next());
    return events;
  }

  /** All events that are still to come, to the end of the stream. */
  async rest(): Promise<EventOf<M>[]> {
    const events: EventOf<M>[] = [];
    for await (const event of this) events.push(event);
    return events;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EventOf<M>, void, undefined> {
    for (;;) {
      const event = await this.#next();
      if (event === undefined) return;
      yield event as EventOf<M>;
    }
  }

  /**
   * Waits until something is so of what has been received, such as
   * `() => client.comments.includes("keep-alive")`. It is asked whenever something has come.
   *
   * @throws SseTestError `ERR_TIMEOUT` when it does not become so, `ERR_ENDED` when the stream is over
   */
  async until(condition: () => boolean): Promise<void> {
    using limit = this.#limit();
    const reader = this.#reader;
    let holds = false;
    await this.#wait(limit, () => (holds = condition()));
    if (holds) return;
    const [code, when] = reader.ended
      ? (["ERR_ENDED", "before the stream ended"] as const)
      : (["ERR_TIMEOUT", `within ${limit.length} ms`] as const);
    throw new SseTestError(code, `What the test waits for was not so ${when}. ${reader.received}`);
  }

  /**
   * The whole body as text, for an answer that ends.
   *
   * @throws SseTestError `ERR_TIMEOUT` when it does not end
   */
  async text(): Promise<string> {
    using limit = this.#answerLimit();
    if (await limit.allows(this.#ended)) return this.raw;
    throw new SseTestError(
      "ERR_TIMEOUT",
      `The answer did not end within ${limit.length} ms. ${this.#reader.received}`,
    );
  }

  /** Stops reading, as a slow client does: what the server sends fills the buffers in between. */
  pause(): void {
    this.#answer.body.pause();
  }

  /** Reads on. */
  resume(): void {
    this.#answer.body.resume();
  }

  /** Leaves: the socket is destroyed. Resolves when it is. */
  async disconnect(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.destroy();
  }

  /** Leaves if need be, and connects again with the id of the last event. */
  async reconnect(): Promise<this> {
    await this.disconnect();
    await this.connect();
    return this;
  }

  /** Sends the request; resolves with the head of the answer. Called by `testSse`. */
  async connect(): Promise<void> {
    const reader = new EventReader(this.lastEventId);
    this.#reader = reader;
    const agent = oneSocket();
    this.#agent = agent;
    const response = await this.#request(agent);
    this.#response = response;
    this.#ended = new Promise((resolve) => {
      response.body.on("data", (bytes: Uint8Array) => reader.feed(bytes));
      response.body.on("end", () => resolve(true));
      response.body.on("error", () => resolve(false));
      response.body.on("close", () => {
        resolve(false);
        reader.end();
      });
    });
  }

  /** The head of the answer. Leaves nothing behind when there is none. */
  async #request(agent: Agent): Promise<Dispatcher.ResponseData> {
    const answer = send(agent, this.#url, this.#options, this.lastEventId);
    using limit = this.#answerLimit();
    try {
      if (await limit.allows(answer)) return await answer;
      const message = `No head of an answer came within ${limit.length} ms.`;
      throw new SseTestError("ERR_TIMEOUT", message);
    } catch (error) {
      await this.disconnect();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
  }

  get #answer(): Dispatcher.ResponseData {
    if (this.#response === undefined)
      throw new SseTestError("ERR_ENDED", "The client is not connected yet.");
    return this.#response;
  }

  /** Takes events until one is accepted, time is up or the stream is over. */
  async [SEARCH](accepts: (event: ReceivedEvent) => boolean, timeout?: number): Promise<Search> {
    using limit = this.#limit(timeout);
    const reader = this.#reader;
    const passed: ReceivedEvent[] = [];
    for (;;) {
      const found = await this.#arrive(limit);
      if (found === undefined || accepts(found)) {
        const when = reader.ended ? "before the stream ended" : `within ${limit.length} ms`;
        return { found, passed, when, received: reader.received };
      }
      passed.push(found);
    }
  }

  #limit(length = this.#timeout): Limit {
    return new Limit(length, this.#options.advance);
  }

  /** A limit for what a network and a server have to do, however soon the events are to come. */
  #answerLimit(): Limit {
    return this.#limit(Math.max(this.#timeout, DEFAULT_TIMEOUT));
  }

  get #timeout(): number {
    return this.#options.timeout ?? DEFAULT_TIMEOUT;
  }

  /** @throws SseTestError `ERR_TIMEOUT` */
  async #next(): Promise<ReceivedEvent | undefined> {
    using limit = this.#limit();
    const reader = this.#reader;
    const event = await this.#arrive(limit);
    if (event !== undefined || reader.ended) return event;
    throw new SseTestError(
      "ERR_TIMEOUT",
      `No event within ${limit.length} ms (sluice.position is not counted). ${reader.received}`,
    );
  }

  /** The next event; undefined when time is up or the stream is over. */
  async #arrive(limit: Limit): Promise<ReceivedEvent | undefined> {
    const type = String(this.headers["content-type"]);
    if (!type.startsWith("text/event-stream")) {
      throw new SseTestError(
        "ERR_NOT_A_STREAM",
        `The answer is no event stream but ${this.status} ${type}: ${await this.text()}`,
      );
    }
    let event: ReceivedEvent | undefined;
    const reader = this.#reader;
    await this.#wait(limit, () => (event = reader.take()) !== undefined);
    return event;
  }

  async #wait(limit: Limit, condition: () => boolean): Promise<void> {
    const { promise, cancel } = this.#reader.when(condition);
    try {
      if (await limit.allows(promise)) await promise;
    } finally {
      cancel();
    }
  }
}
