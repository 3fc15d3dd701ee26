import { FieldScanner } from "./field-scanner.js";
import type { StreamState } from "./state.js";
import { isStream, tapped, type WireListener } from "./wire-tap.js";

/** Who is shown the wire, and how its reader fares. */
export interface WireReaderListener extends WireListener {
  /** A remark of the reader's own. */
  onNote(text: string): void;
  onState(state: StreamState): void;
}

export interface WireRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What browsers wait where the server says nothing; each has its own value. */
const DEFAULT_RETRY = 3000;

/**
 * Reads a stream with `fetch`, which sees the text that EventSource hides, and does by hand what
 * EventSource does by itself: it reconnects with `Last-Event-ID` after the time that the server
 * asked for, and stops at an answer that is no stream.
 */
export class WireReader {
  readonly #abort = new AbortController();
  readonly #fields = new FieldScanner(DEFAULT_RETRY);
  readonly #fetch: typeof fetch;

  constructor(
    private readonly request: WireRequest,
    private readonly listener: WireReaderListener,
  ) {
    this.#fetch = tapped({
      onRequest: (line) => listener.onRequest(line),
      onResponse: (line) => listener.onResponse(line),
      onHeadEnd: () => listener.onHeadEnd(),
      onLine: (line) => {
        this.#fields.line(line);
        listener.onLine(line);
      },
    });
    void this.#run();
  }

  close(): void {
    this.#abort.abort();
  }

  get #closed(): boolean {
    return this.#abort.signal.aborted;
  }

  async #run(): Promise<void> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one connection after another
      const state = await this.#connect();
      if (this.#closed) return;
      this.listener.onState(state);
      if (state !== "reconnecting") return;
      const { retry } = this.#fields;
      this.listener.onNote(`connection ended; next try in ${retry} ms`);
      // oxlint-disable-next-line no-await-in-loop -- the wait is the point
      await pause(retry, this.#abort.signal);
      if (this.#closed) return;
    }
  }

  /** One connection, from the request to its end. */
  async #connect(): Promise<StreamState> {
    const { url, headers } = this.request;
    const { lastEventId } = this.#fields;
    const resume: Record<string, string> =
      lastEventId === "" ? {} : { "Last-Event-ID": lastEventId };
    this.listener.onState("connecting");
    try {
      const response = await this.#fetch(url, {
        headers: { Accept: "text/event-stream", ...headers, ...resume },
        cache: "no-store",
        signal: this.#abort.signal,
      });
      if (!isStream(response)) return response.status === 204 ? "completed" : "refused";
      this.listener.onState("open");
      this.#fields.restart();
      await response.body?.pipeTo(new WritableStream());
    } catch {
      // The network failed, or the connection was cut.
    }
    return "reconnecting";
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
