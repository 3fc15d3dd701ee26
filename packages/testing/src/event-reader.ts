import { POSITION_EVENT } from "@sluice/core";
import { createParser } from "eventsource-parser";
import { ReceivedEvent } from "./received-event.js";

/** How much of what was received an error shows, in characters. */
const SHOWN = 2_000;

/** Parses one answer, and hands its events out one by one. */
export class EventReader {
  /** The body so far, as text. */
  raw = "";
  readonly comments: string[] = [];
  retry: number | undefined;
  /** The last id of what was taken; a position counts when everything before it was. */
  lastId: string | undefined;
  readonly #events: ReceivedEvent[] = [];
  readonly #waits = new Set<() => void>();
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    onEvent: ({ event, data, id }) => {
      this.#events.push(new ReceivedEvent(event ?? "message", data, id));
      this.#passPositions();
    },
    onComment: (comment) => this.comments.push(comment),
    onRetry: (retry) => (this.retry = retry),
  });
  #ended = false;

  /** @param lastId - the id that the client came with */
  constructor(lastId: string | undefined) {
    this.lastId = lastId;
  }

  /** Whether nothing more comes. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What was received, or the end of it, for a message. */
  get received(): string {
    const { raw } = this;
    return raw.length <= SHOWN
      ? `Received so far: ${JSON.stringify(raw)}`
      : `Received ${raw.length} characters, at last: ${JSON.stringify(raw.slice(-SHOWN))}`;
  }

  feed(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    this.raw += text;
    this.#parser.feed(text);
    this.#ask();
  }

  end(): void {
    this.#ended = true;
    this.#ask();
  }

  /** The next event, if it is there. */
  take(): ReceivedEvent | undefined {
    const event = this.#events.shift();
    if (event?.id !== undefined) this.lastId = event.id;
    this.#passPositions();
    return event;
  }

  /**
   * Asks whether something is so, at once and whenever something has come, until it is or the answer
   * is over. Who waits first is asked first.
   *
   * @throws what `condition` throws
   */
  when(condition: () => boolean): { readonly promise: Promise<void>; readonly cancel: () => void } {
    let ask!: () => void;
    const promise = new Promise<void>((resolve, reject) => {
      ask = () => {
        try {
          if (!condition() && !this.#ended) return;
          resolve();
        } catch (error) {
          reject(error);
        }
        this.#waits.delete(ask);
      };
    });
    this.#waits.add(ask);
    ask();
    return { promise, cancel: () => this.#waits.delete(ask) };
  }

  #ask(): void {
    for (const ask of this.#waits) ask();
  }

  /** A position is no event that a test waits for. */
  #passPositions(): void {
    while (this.#events[0]?.event === POSITION_EVENT) this.lastId = this.#events.shift()!.id;
  }
}
