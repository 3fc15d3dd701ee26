import { POSITION_EVENT } from "@sluice/core";
import { createParser } from "eventsource-parser";
import { SseTestError } from "./errors.js";

/** An event as a client receives it. */
export class ReceivedEvent {
  /** `"message"` where the server gave no name. */
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;

  constructor(event: string, data: string, id: string | undefined) {
    this.event = event;
    this.data = data;
    this.id = id;
  }

  /**
   * The data as JSON.
   *
   * @throws SyntaxError when it is none
   */
  get json(): unknown {
    const value: unknown = JSON.parse(this.data);
    return value;
  }
}

/** How much of what was received an error shows, in characters. */
const SHOWN = 2_000;

interface Taker {
  readonly resolve: (event: ReceivedEvent | undefined) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Parses one answer, and hands its events out one by one. */
export class EventReader {
  /** The body so far, as text. */
  raw = "";
  readonly comments: string[] = [];
  retry: number | undefined;
  /** The last id of what was taken; a position counts when everything before it was. */
  lastId: string | undefined;
  readonly #events: ReceivedEvent[] = [];
  readonly #takers: Taker[] = [];
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    onEvent: ({ event, data, id }) =>
      this.#deliver(new ReceivedEvent(event ?? "message", data, id)),
    onComment: (comment) => this.comments.push(comment),
    onRetry: (retry) => (this.retry = retry),
  });
  #ended = false;

  /** @param lastId - the id that the client came with */
  constructor(lastId: string | undefined) {
    this.lastId = lastId;
  }

  feed(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    this.raw += text;
    this.#parser.feed(text);
  }

  end(): void {
    this.#ended = true;
    for (const { resolve, timer } of this.#takers.splice(0)) {
      clearTimeout(timer);
      resolve(undefined);
    }
  }

  /**
   * The next event; undefined when the stream has ended.
   *
   * @param within - in milliseconds
   * @throws SseTestError `ERR_TIMEOUT`
   */
  take(within: number): Promise<ReceivedEvent | undefined> {
    const event = this.#events.shift();
    if (event !== undefined) this.#note(event);
    if (event !== undefined || this.#ended) return Promise.resolve(event);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#takers.splice(this.#takers.indexOf(taker), 1);
        reject(
          new SseTestError(
            "ERR_TIMEOUT",
            `No event within ${within} ms (sluice.position is not counted). Received ${shorten(this.raw)}`,
          ),
        );
      }, within);
      const taker: Taker = { resolve, reject, timer };
      this.#takers.push(taker);
    });
  }

  #deliver(event: ReceivedEvent): void {
    const taker = event.event === POSITION_EVENT ? undefined : this.#takers.shift();
    if (taker === undefined) this.#events.push(event);
    else {
      clearTimeout(taker.timer);
      this.#note(event);
      taker.resolve(event);
    }
    this.#passPositions();
  }

  #note({ id }: ReceivedEvent): void {
    if (id !== undefined) this.lastId = id;
    this.#passPositions();
  }

  /** A position is no event that a test waits for. */
  #passPositions(): void {
    while (this.#events[0]?.event === POSITION_EVENT) this.lastId = this.#events.shift()!.id;
  }
}

/** What was received, or the end of it. */
function shorten(text: string): string {
  return text.length <= SHOWN
    ? `so far: ${JSON.stringify(text)}`
    : `${text.length} characters, at last: ${JSON.stringify(text.slice(-SHOWN))}`;
}
