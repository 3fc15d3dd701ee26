import { el } from "./dom.js";

/** Marks what was published before the connection was opened. */
export function replayedBadge(): HTMLElement {
  const title = "published before this connection was opened";
  return el("span.replayed", { title }, "replayed");
}
