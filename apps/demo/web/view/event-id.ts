import { el } from "./dom.js";

const COUNTED = /^1\.[\w-]{8}\.(\d+)$/;
/** Where an id names its history: those of the process or a file, and those of Redis; and one that there never was. */
const HISTORIES = [
  [/(?<![\w-])1\.[\w-]{8}\.(?=\d)/g, "1.00000000."],
  [/(?<![\w-])[\w-]{5}\.(?=[\da-z]+-)/g, "00000."],
] as const;
const COMPOSITE = "m1~";
const LONGEST = 24;

/** A channel's part of a composite cursor. */
export interface CursorPart {
  /** Six characters that stand for the channel. */
  readonly key: string;
  readonly id: string;
}

/** The parts of the cursor of merged channels; none where it is no such cursor. */
export function cursorParts(id: string): CursorPart[] {
  if (!id.startsWith(COMPOSITE)) return [];
  return id
    .slice(COMPOSITE.length)
    .split("~")
    .map((part) => ({ key: part.slice(0, 6), id: part.slice(7) }));
}

/** An id as short as it can be read: of a channel's the count, of a composite one the counts. */
export function shortId(id: string): string {
  const parts = cursorParts(id);
  if (parts.length > 0) return `m1~${parts.map((part) => shortId(part.id)).join("~")}`;
  const count = COUNTED.exec(id)?.[1];
  if (count !== undefined) return `…${count}`;
  return id.length > LONGEST ? `${id.slice(0, 10)}…${id.slice(-8)}` : id;
}

/** Shows an id in its short form; the whole is in the title. */
export function idChip(id: string): HTMLElement {
  return el("span.event-id", { title: `lastEventId: ${id}` }, shortId(id));
}

/** An id such as the same channels would have given out in a history that is no more. */
export function idOfAnotherHistory(id: string): string {
  for (const [history, other] of HISTORIES) {
    const changed = id.replaceAll(history, other);
    if (changed !== id) return changed;
  }
  return "1.00000000.7";
}
