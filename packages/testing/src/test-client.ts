import { END_MARK } from "@sluice/core";
import { Agent, type Dispatcher, request } from "undici";
import { SseTestError } from "./errors.js";
import { EventReader, type ReceivedEvent } from "./event-reader.js";

/** How long {@link SseTestClient.next} waits, in milliseconds, where nothing else is said. */
const DEFAULT_TIMEOUT = 5_000;

export interface SseTestOptions {
  /** @defaultValue `"GET"`, or `"POST"` with a body */
  readonly method?: "GET" | "POST" | "PUT" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as `Last-Event-ID`. */
  readonly lastEventId?: string;
  /**
   * How long to wait for an event, in milliseconds.
   * @defaultValue 5,000
   */
  readonly timeout?: number;
}

/** A client of one stream, on a socket of its own. */
export class SseTestClient implements AsyncIterable<ReceivedEvent> {
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
    return this.lastEventId?.endsWith(END_MARK) ?? false;
  }

  /**
   * The next event.
   *
   * @throws SseTestError `ERR_TIMEOUT` when none comes, `ERR_ENDED` when the stream is over,
   * `ERR_NOT_A_STREAM` when the answer is no event stream
   */
  async next(): Promise<ReceivedEvent> {
    const event = await this.#take();
    if (event === undefined)
      throw new SseTestError("ERR_ENDED", "The stream is over: there is no next event.");
    return event;
  }

  /** The next so many events. Throws as {@link next} does. */
  async take(count: number): Promise<ReceivedEvent[]> {
    const events: ReceivedEvent[] = [];
    while (events.length < count) events.push(await this.next());
    return events;
  }

  /** All events that are still to come, to the end of the stream. */
  async rest(): Promise<ReceivedEvent[]> {
    const events: ReceivedEvent[] = [];
    for await (const event of this) events.push(event);
    return events;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedEvent, void, undefined> {
    for (;;) {
      const event = await this.#take();
      if (event === undefined) return;
      yield event;
    }
  }

  /** The whole body as text, for an answer that ends. */
  async text(): Promise<string> {
    await this.#ended;
    return this.raw;
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
    this.#agent = new Agent({
      connect: { rejectUnauthorized: false },
      bodyTimeout: 0,
      pipelining: 1,
      connections: 1,
    });
    const response = await this.#request(this.#agent);
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

  async #request(agent: Agent): Promise<Dispatcher.ResponseData> {
    const { body, headers } = this.#options;
    const { lastEventId } = this;
    try {
      return await request(this.#url, {
        dispatcher: agent,
        method: this.#options.method ?? (body === undefined ? "GET" : "POST"),
        headers: {
          accept: "text/event-stream",
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(lastEventId !== undefined && { "last-event-id": asHeader(lastEventId) }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
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

  async #take(): Promise<ReceivedEvent | undefined> {
    const type = String(this.headers["content-type"]);
    if (!type.startsWith("text/event-stream")) {
      throw new SseTestError(
        "ERR_NOT_A_STREAM",
        `The answer is no event stream but ${this.status} ${type}: ${await this.text()}`,
      );
    }
    return this.#reader.take(this.#options.timeout ?? DEFAULT_TIMEOUT);
  }
}

/** A header carries bytes, one a character: UTF-8, as browsers send it. */
function asHeader(id: string): string {
  return Buffer.from(id, "utf8").toString("latin1");
}
