import type { Example } from "../catalogue/example.js";
import { el } from "./dom.js";
import { gateGlyph } from "./gate.js";

/** The top of a card: what it is, where it is, and how its stream is. */
export function cardHead({ id, title, path, body }: Example, state: HTMLElement): HTMLElement {
  return el(
    "header.card-head",
    {},
    gateGlyph(),
    el(
      "div.card-title",
      {},
      el("h3", { id: `${id}-title` }, title),
      el("code.endpoint", {}, `${body === undefined ? "GET" : "POST"} ${path}`),
    ),
    state,
  );
}
