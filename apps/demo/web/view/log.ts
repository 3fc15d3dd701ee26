import { el } from "./dom.js";

/** A box of lines that keeps the last ones and follows them unless the reader has scrolled back. */
export class Log {
  readonly element: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #keep: number;

  /**
   * @param label - what a screen reader calls it
   * @param empty - what it says as long as there is nothing
   * @param keep - how many lines stay
   */
  constructor(label: string, empty: string, keep = 300) {
    this.#keep = keep;
    this.#empty = el("p.log-empty", {}, empty);
    // Not a live region: a stream of one event a second would never let a screen reader rest.
    this.element = el(
      "div.log",
      { tabindex: "0", role: "region", "aria-label": label },
      this.#empty,
    );
  }

  append(line: HTMLElement): void {
    const { element } = this;
    this.#empty.remove();
    const follows = element.scrollTop + element.clientHeight >= element.scrollHeight - 24;
    element.append(line);
    while (element.childElementCount > this.#keep) element.firstElementChild?.remove();
    if (follows) element.scrollTop = element.scrollHeight;
  }

  clear(): void {
    this.element.replaceChildren(this.#empty);
  }
}
