import type { Reset } from "@sluice/client";
import type { FollowOptions, Mark, MarkOf } from "../channels/follow.js";
import { followInbox, type InboxEvents } from "../channels/inbox.js";
import type { ClientView } from "./client-view.js";
import { timeOf } from "./clock.js";
import { el } from "./dom.js";
import { cursorParts, shortId } from "./event-id.js";
import { Log } from "./log.js";
import { marks } from "./replayed.js";
import { describeReset } from "./reset.js";

/** One user's notifications, and the cursor that holds the places in both channels. */
export class InboxView implements ClientView {
  readonly #log = new Log("Notifications", "Start to listen.");
  readonly #cursor = el("span.cursor", {}, "no place yet");
  readonly element: HTMLElement;
  #place = "";

  constructor() {
    this.#log.element.setAttribute("role", "log");
    this.#log.element.classList.add("transcript");
    const label = el("span.room-label", {}, "One cursor for both channels: ");
    const head = el("p.room-head", {}, label, this.#cursor);
    this.element = el("div.visual.panel", {}, head, this.#log.element);
  }

  follow(url: string, options: FollowOptions, mark: MarkOf) {
    return followInbox(url, options, this, mark);
  }

  note({ title, from, to, at }: InboxEvents["note"], mark: Mark): void {
    const line = el(
      "div.say",
      {},
      el("b.say-name", {}, to === "everyone" ? "to everyone" : `to ${to}`),
      el("span.say-text", {}, title, el("span.say-from", {}, ` from ${from}`)),
      el("span.say-marks", {}, ...marks(mark), timeOf(at)),
    );
    line.classList.toggle("is-replayed", mark.replayed === true);
    this.#log.append(line);
  }

  /** After a reset: what the server knows without its history. */
  summary({ sent, node }: InboxEvents["summary"]): void {
    const counts = Object.entries(sent).map(([to, count]) => `${count} to ${to}`);
    const since =
      node === undefined
        ? "Sent since the server started"
        : `Sent through node ${node} since it started`;
    this.#log.append(el("p.resync", {}, `${since}: ${counts.join(", ")}`));
  }

  reset(reset: Reset): void {
    this.#log.append(el("p.reset", {}, describeReset(reset)));
  }

  /** Shows the cursor's parts, and which of them have moved. */
  place(id: string): void {
    const parts = cursorParts(id);
    if (parts.length === 0 || id === this.#place) return;
    const before = new Map(cursorParts(this.#place).map((part) => [part.key, part.id]));
    this.#place = id;
    const chips = parts.map((part) => {
      const moved = before.has(part.key) && before.get(part.key) !== part.id;
      const chip = el(
        "span.cursor-part",
        { title: part.id },
        `${part.key} `,
        el("b", {}, shortId(part.id)),
      );
      chip.classList.toggle("cursor-moved", moved);
      return chip;
    });
    this.#cursor.replaceChildren(...chips);
  }

  clear(): void {
    this.#log.clear();
    this.#cursor.replaceChildren("no place yet");
    this.#place = "";
  }
}
