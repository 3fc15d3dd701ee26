import type { Example } from "../catalogue/example.js";
import { Card } from "./card.js";
import { el } from "./dom.js";
import type { Surroundings } from "./surroundings.js";

/** A list of examples of which only the titles are drawn until they are opened. */
export function foldedCards(examples: readonly Example[], around: Surroundings): HTMLElement {
  return el("div.folded", {}, ...examples.map((example) => foldedCard(example, around)));
}

function foldedCard(example: Example, around: Surroundings): HTMLDetailsElement {
  const method = example.body === undefined ? "GET" : "POST";
  const details = el(
    "details.fold",
    {},
    el(
      "summary.fold-head",
      {},
      el("span.fold-title", {}, example.title),
      el("code.endpoint", {}, `${method} ${example.path}`),
    ),
  );
  let card: Card | undefined;
  details.addEventListener("toggle", () => {
    if (!details.open || card !== undefined) return;
    card = new Card(example, around);
    details.append(card.element);
  });
  return details;
}
