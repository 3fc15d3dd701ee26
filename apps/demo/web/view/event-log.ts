import { POSITION_EVENT, type Reset, RESET_EVENT } from "@sluice/protocol";
import type { ReceivedEvent } from "../stream/state.js";
import { el } from "./dom.js";
import { idChip } from "./event-id.js";
import { Log } from "./log.js";
import { replayedBadge } from "./replayed.js";
import { describeReset } from "./reset.js";

/** Shows events as a page gets them: name, data, and the id. */
export class EventLog {
  readonly #log = new Log("Events that reached the page", "No event yet.");
  readonly element = this.#log.element;

  event({ name, data, lastEventId, replayed }: ReceivedEvent): void {
    if (name === POSITION_EVENT) {
      const what = `${name}: what follows comes after `;
      this.#log.append(el("div.event-note", {}, what, idChip(lastEventId)));
      return;
    }
    const own = name.startsWith("sluice.");
    const line = el(
      own ? "div.event.event-own" : "div.event",
      {},
      el("span.event-name", {}, name),
      el("span.event-data", {}, data === "" ? "(empty)" : data),
    );
    if (replayed === true) line.append(replayedBadge());
    if (lastEventId !== "") line.append(idChip(lastEventId));
    this.#log.append(line);
    if (name === RESET_EVENT) this.note(describeReset(JSON.parse(data) as Reset));
  }

  note(text: string): void {
    this.#log.append(el("div.event-note", {}, text));
  }

  clear(): void {
    this.#log.clear();
  }
}
