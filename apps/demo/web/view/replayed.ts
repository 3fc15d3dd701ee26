import type { Mark } from "../channels/follow.js";
import { el } from "./dom.js";
import { idChip } from "./event-id.js";

/** Marks what was published before the connection was opened. */
export function replayedBadge(): HTMLElement {
  const title = "published before this connection was opened";
  return el("span.replayed", { title }, "replayed");
}

/** What a line says of its event: that it was replayed, and its id. */
export function marks({ id, replayed }: Mark): HTMLElement[] {
  const chip = id === undefined || id === "" ? [] : [idChip(id)];
  return replayed === true ? [replayedBadge(), ...chip] : chip;
}
