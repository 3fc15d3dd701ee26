import type { Example } from "../catalogue/example.js";
import type { StreamState } from "../stream/state.js";
import { el } from "./dom.js";

/** The list of examples at the top, each with a dot that shows its state. */
export class Index {
  readonly #links = new Map<string, HTMLElement>();
  readonly #list = el("ul.index-list");

  constructor(host: HTMLElement) {
    host.append(this.#list);
  }

  add(examples: readonly Example[]): void {
    for (const { id, title } of examples) {
      const link = el("a", { href: `#${id}`, "data-state": "idle" }, title);
      this.#links.set(id, link);
      this.#list.append(el("li", {}, link));
    }
  }

  show(id: string, state: StreamState): void {
    const link = this.#links.get(id);
    if (link !== undefined) link.dataset["state"] = state;
  }
}
