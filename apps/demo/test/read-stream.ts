import { createParser, type EventSourceMessage } from "eventsource-parser";

/** An event, with `undefined` where a field was not sent. */
export type Received = EventSourceMessage;

/** A stream that is read over a real socket. */
export class Reading {
  /** The text of the body so far, as it stood on the wire. */
  raw = "";
  readonly #waiting: Received[] = [];
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #abort: AbortController;
  // A position is no event of the application's.
  readonly #parser = createParser({
    onEvent: (event) => {
      if (event.event !== "sluice.position") this.#waiting.push(event);
    },
  });
  readonly #decoder = new TextDecoder();

  constructor(
    readonly response: Response,
    abort: AbortController,
  ) {
    if (response.body === null) throw new Error("The answer has no body.");
    this.#chunks = response.body[Symbol.asyncIterator]();
    this.#abort = abort;
  }

  /** The next so many events; fewer when the stream ends before. */
  async take(count: number): Promise<Received[]> {
    while (this.#waiting.length < count && (await this.#read()));
    return this.#waiting.splice(0, count);
  }

  /** Reads until the text contains something. */
  async until(text: string): Promise<void> {
    while (!this.raw.includes(text)) {
      if (!(await this.#read())) throw new Error(`The stream ended without ${text}: ${this.raw}`);
    }
  }

  /** Reads on to the end. @returns the events that had not been taken */
  async rest(): Promise<Received[]> {
    while (await this.#read());
    return this.#waiting.splice(0);
  }

  /** Leaves. */
  close(): void {
    this.#abort.abort();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done === true) return false;
    const text = this.#decoder.decode(value, { stream: true });
    this.raw += text;
    this.#parser.feed(text);
    return true;
  }
}

/** Opens a stream. @throws when the answer is none */
export async function read(url: string, init: RequestInit = {}): Promise<Reading> {
  const abort = new AbortController();
  const response = await fetch(url, { ...init, signal: abort.signal });
  const type = response.headers.get("content-type");
  if (response.status !== 200 || type !== "text/event-stream") {
    throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  }
  return new Reading(response, abort);
}

/** Posts JSON. */
export async function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}
