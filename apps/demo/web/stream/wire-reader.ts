import { FieldScanner } from "./field-scanner.js";
import { LineSplitter } from "./line-splitter.js";
import type { StreamState } from "./state.js";

/** What the reader shows, line by line. */
export interface WireListener {
  /** A line of the request: what was asked, and the headers that matter. */
  onRequest(line: string): void;
  /** A line of the head of the answer, or of an answer that is no stream. */
  onResponse(line: string): void;
  /** The head of a stream is complete. */
  onHeadEnd(): void;
  /** A line of the body as it came, without its end. */
  onLine(line: string): void;
  /** A remark of the reader's own. */
  onNote(text: string): void;
  onState(state: StreamState): void;
}

export interface WireRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What browsers wait where the server says nothing; each has its own value. */
const DEFAULT_RETRY = 3000;
const SHOWN_HEADERS = ["content-type", "cache-control", "x-accel-buffering", "retry-after"];

/**
 * Reads a stream with `fetch`, which sees the text that EventSource hides, and does by hand what
 * EventSource does by itself: it reconnects with `Last-Event-ID` after the time that the server
 * asked for, and stops at an answer that is no stream.
 */
export class WireReader {
  readonly #abort = new AbortController();

  constructor(
    private readonly request: WireRequest,
    private readonly listener: WireListener,
  ) {
    void this.#run();
  }

  close(): void {
    this.#abort.abort();
  }

  get #closed(): boolean {
    return this.#abort.signal.aborted;
  }

  async #run(): Promise<void> {
    const fields = new FieldScanner(DEFAULT_RETRY);
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one connection after another
      const state = await this.#connect(fields);
      if (this.#closed) return;
      // Only a GET may be repeated unasked.
      if (state !== "reconnecting" || this.request.method === "POST") {
        this.listener.onState(state === "reconnecting" ? "closed" : state);
        return;
      }
      this.listener.onState("reconnecting");
      this.listener.onNote(`connection ended; next try in ${fields.retry} ms`);
      // oxlint-disable-next-line no-await-in-loop -- the wait is the point
      await pause(fields.retry, this.#abort.signal);
      if (this.#closed) return;
    }
  }

  /** One connection, from the request to its end. */
  async #connect(fields: FieldScanner): Promise<StreamState> {
    const { method, url, body } = this.request;
    const headers: Record<string, string> = {
      Accept: "text/event-stream",
      ...this.request.headers,
    };
    if (fields.lastEventId !== "") headers["Last-Event-ID"] = fields.lastEventId;
    if (body !== undefined) headers["Content-Type"] = "application/json";

    this.listener.onState("connecting");
    this.listener.onRequest(`${method} ${url}`);
    for (const [name, value] of Object.entries(headers)) {
      if (name !== "Accept") this.listener.onRequest(`${name}: ${value}`);
    }
    if (body !== undefined) this.listener.onRequest(body);
    try {
      const response = await fetch(url, {
        method,
        headers,
        cache: "no-store",
        signal: this.#abort.signal,
        ...(body === undefined ? {} : { body }),
      });
      return await this.#read(response, fields);
    } catch {
      return "reconnecting";
    }
  }

  async #read(response: Response, fields: FieldScanner): Promise<StreamState> {
    this.listener.onResponse(`HTTP ${response.status} ${response.statusText}`.trimEnd());
    for (const name of SHOWN_HEADERS) {
      const value = response.headers.get(name);
      if (value !== null) this.listener.onResponse(`${name}: ${value}`);
    }
    const streams = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    if (response.status !== 200 || !streams || response.body === null) {
      const text = await response.text();
      for (const line of text === "" ? [] : text.split("\n")) this.listener.onResponse(line);
      return response.status === 204 ? "completed" : "refused";
    }

    this.listener.onState("open");
    this.listener.onHeadEnd();
    fields.restart();
    const lines = new LineSplitter();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- chunks come one after another
      const { done, value } = await reader.read();
      if (done) return this.request.method === "POST" ? "completed" : "reconnecting";
      for (const line of lines.push(value)) {
        fields.line(line);
        this.listener.onLine(line);
      }
    }
  }
}

/** Waits so many milliseconds, or until the signal is aborted. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
