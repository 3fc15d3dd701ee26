import { el } from "./dom.js";

/** Shows in the page's bar how many connections are open, of how many. */
export class Meter {
  readonly #cells: readonly HTMLElement[];
  readonly #text = el("span.meter-text");

  constructor(
    host: HTMLElement,
    private readonly limit: number,
  ) {
    this.#cells = Array.from({ length: limit }, () => el("i.meter-cell"));
    host.append(el("span.meter-cells", { "aria-hidden": "true" }, ...this.#cells), this.#text);
    this.show(0);
  }

  show(open: number): void {
    for (const [index, cell] of this.#cells.entries()) {
      cell.classList.toggle("meter-full", index < open);
    }
    this.#text.textContent = `${open} of ${this.limit} connections`;
  }
}
