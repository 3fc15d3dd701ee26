import type { ReceivedEvent } from "../stream/state.js";
import { el } from "./dom.js";
import { Log } from "./log.js";

/** Shows events as a page gets them: name, data, and the last id. */
export class EventLog {
  readonly #log = new Log("Events that the browser dispatched", "No event yet.");
  readonly element = this.#log.element;

  event({ name, data, lastEventId }: ReceivedEvent): void {
    const own = name.startsWith("sluice.");
    const line = el(
      own ? "div.event.event-own" : "div.event",
      {},
      el("span.event-name", {}, name),
      el("span.event-data", {}, data === "" ? "(empty)" : data),
    );
    if (lastEventId !== "") line.append(el("span.event-id", { title: "lastEventId" }, lastEventId));
    this.#log.append(line);
  }

  note(text: string): void {
    this.#log.append(el("div.event-note", {}, text));
  }

  clear(): void {
    this.#log.clear();
  }
}
