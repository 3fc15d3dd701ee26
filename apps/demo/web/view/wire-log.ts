import type { StreamState } from "../stream/state.js";
import type { WireReaderListener } from "../stream/wire-reader.js";
import { el } from "./dom.js";
import { Log } from "./log.js";

/** Shows the text of a stream as it crossed the wire, and the heads of request and answer. */
export class WireLog implements WireReaderListener {
  readonly #log: Log;
  readonly element: HTMLElement;

  /** @param empty - what it says as long as there is nothing */
  constructor(empty: string) {
    this.#log = new Log("The wire: text as it arrived", empty);
    this.element = this.#log.element;
  }

  onRequest(line: string): void {
    this.#log.append(el("div.wire-line.wire-out", {}, el("span.wire-mark", {}, "> "), line));
  }

  onResponse(line: string): void {
    this.#log.append(el("div.wire-line.wire-in", {}, el("span.wire-mark", {}, "< "), line));
  }

  onHeadEnd(): void {
    this.onLine("");
  }

  onNote(text: string): void {
    this.#log.append(el("div.wire-note", {}, text));
  }

  onState(state: StreamState): void {
    if (state === "completed") this.onNote("complete: nothing more is read");
    if (state === "refused") this.onNote("no stream: nothing more is read");
  }

  /** A line of the stream. Its text is not changed; only the field's name has a colour. */
  onLine(text: string): void {
    if (text === "") {
      this.#log.append(el("div.wire-line.wire-blank", {}, "\n"));
      return;
    }
    const colon = text.indexOf(":");
    if (colon <= 0) {
      this.#log.append(el(`div.wire-line.${colon === 0 ? "wire-comment" : "wire-text"}`, {}, text));
      return;
    }
    const field = el("span.wire-field", {}, text.slice(0, colon + 1));
    this.#log.append(el("div.wire-line", {}, field, text.slice(colon + 1)));
  }

  clear(): void {
    this.#log.clear();
  }
}
