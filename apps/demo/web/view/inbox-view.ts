import { RESET_EVENT } from "@sluice/protocol";
import type { ReceivedEvent } from "../stream/state.js";
import { timeOf } from "./clock.js";
import { el } from "./dom.js";
import { cursorParts, idChip, shortId } from "./event-id.js";
import { Log } from "./log.js";
import { replayedBadge } from "./replayed.js";
import { describeReset } from "./reset.js";
import type { Visual } from "./visual.js";

interface Note {
  readonly title: string;
  readonly from: string;
  readonly to: string;
  readonly at: number;
}

interface Summary {
  readonly sent: Readonly<Record<string, number>>;
}

/** One user's notifications, and the cursor that holds the places in both channels. */
export class InboxView implements Visual {
  readonly #log = new Log("Notifications", "Start to listen.");
  readonly #cursor = el("span.cursor", {}, "no place yet");
  readonly element: HTMLElement;
  #before = new Map<string, string>();

  constructor() {
    this.#log.element.setAttribute("role", "log");
    this.#log.element.classList.add("transcript");
    const label = el("span.room-label", {}, "One cursor for both channels: ");
    const head = el("p.room-head", {}, label, this.#cursor);
    this.element = el("div.visual.panel", {}, head, this.#log.element);
  }

  event(event: ReceivedEvent): void {
    const { name, data, lastEventId } = event;
    if (name === "note") this.#note(JSON.parse(data) as Note, event);
    else if (name === "summary") this.#summary(JSON.parse(data) as Summary);
    else if (name === RESET_EVENT) this.#log.append(el("p.reset", {}, describeReset(data)));
    this.#showCursor(lastEventId);
  }

  clear(): void {
    this.#log.clear();
    this.#cursor.replaceChildren("no place yet");
    this.#before.clear();
  }

  #note({ title, from, to, at }: Note, { lastEventId, replayed }: ReceivedEvent): void {
    const line = el(
      "div.say",
      {},
      el("b.say-name", {}, to === "everyone" ? "to everyone" : `to ${to}`),
      el("span.say-text", {}, title, el("span.say-from", {}, ` from ${from}`)),
      el(
        "span.say-marks",
        {},
        ...(replayed === true ? [replayedBadge()] : []),
        idChip(lastEventId),
        timeOf(at),
      ),
    );
    line.classList.toggle("is-replayed", replayed === true);
    this.#log.append(line);
  }

  #summary({ sent }: Summary): void {
    const counts = Object.entries(sent).map(([to, count]) => `${count} to ${to}`);
    this.#log.append(el("p.resync", {}, `Sent since the server started: ${counts.join(", ")}`));
  }

  #showCursor(id: string): void {
    const parts = cursorParts(id);
    if (parts.length === 0) return;
    const chips = parts.map((part) => {
      const moved = this.#before.has(part.key) && this.#before.get(part.key) !== part.id;
      const chip = el(
        "span.cursor-part",
        { title: part.id },
        `${part.key} `,
        el("b", {}, shortId(part.id)),
      );
      chip.classList.toggle("cursor-moved", moved);
      return chip;
    });
    this.#before = new Map(parts.map((part) => [part.key, part.id]));
    this.#cursor.replaceChildren(...chips);
  }
}
