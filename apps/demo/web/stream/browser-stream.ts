import { END_EVENT, POSITION_EVENT, RESET_EVENT } from "@sluice/protocol";
import type { StreamListener, StreamState } from "./state.js";

/** A stream as any web page gets it: the browser's own EventSource, with nothing in between. */
export class BrowserStream {
  readonly #source: EventSource;
  readonly #listener: StreamListener;
  /** Set by the completion frame, whose arrival explains the errors after it. */
  #ended: "completed" | "refused" | undefined;

  /**
   * @param url - where to connect
   * @param names - the names to listen for, beside `message`: EventSource has no "any event"
   */
  constructor(url: string, names: readonly string[], listener: StreamListener) {
    this.#listener = listener;
    listener.onState("connecting");
    this.#source = new EventSource(url);
    this.#source.addEventListener("open", () => listener.onState("open"));
    this.#source.addEventListener("error", (event) => this.#failed(event));
    const own = [END_EVENT, POSITION_EVENT, RESET_EVENT];
    for (const name of new Set(["message", ...names, ...own])) {
      this.#source.addEventListener(name, (event) => this.#received(name, event));
    }
  }

  close(): void {
    this.#source.close();
  }

  #received(name: string, event: Event): void {
    // An event named "error" arrives where the browser's own errors do; those have no data.
    if (!(event instanceof MessageEvent) || typeof event.data !== "string") return;
    if (name === END_EVENT) this.#ended = event.data.includes('"failed"') ? "refused" : "completed";
    this.#listener.onEvent({ name, data: event.data, lastEventId: event.lastEventId });
  }

  #failed(event: Event): void {
    if (event instanceof MessageEvent) return;
    const [state, note] = this.#stateAfterError();
    this.#listener.onState(state, note);
  }

  #stateAfterError(): [StreamState, string?] {
    if (this.#source.readyState !== EventSource.CLOSED) return ["reconnecting"];
    if (this.#ended === "completed")
      return ["completed", "The stream is complete; the browser stopped."];
    if (this.#ended === "refused")
      return ["refused", "The server ended it for good; the browser stopped."];
    return ["refused", "Refused. EventSource doesn't say why; the wire does."];
  }
}
