import { POSITION_EVENT } from "@sluice/protocol";
import type { ReceivedEvent } from "../stream/state.js";
import { el } from "./dom.js";
import { shortId } from "./event-id.js";

/** What a card counts of the events that it has received. */
export class Stats {
  readonly element = el("dl.stats");
  readonly #received = el("dd");
  readonly #replayed = el("dd");
  readonly #lastId = el("dd");
  #counts = { received: 0, replayed: 0 };
  #ids = { first: "", last: "" };

  /**
   * @param resumes - whether it can be told which events were replayed
   * @param ids - whether the last id is shown
   */
  constructor(resumes: boolean, ids: boolean) {
    this.element.append(row("Events", this.#received));
    if (resumes) this.element.append(row("Replayed", this.#replayed));
    if (ids) this.element.append(row("Last id", this.#lastId));
    this.#show();
  }

  /** The first and the last id so far; empty where there was none. */
  get ids(): { readonly first: string; readonly last: string } {
    return this.#ids;
  }

  count({ name, lastEventId, replayed }: ReceivedEvent): void {
    // A position tells nothing that happened.
    if (name !== POSITION_EVENT) this.#counts.received++;
    if (replayed === true) this.#counts.replayed++;
    this.place(lastEventId);
    this.#show();
  }

  /** Takes note of where the stream is. */
  place(id: string): void {
    if (id === "") return;
    const { first } = this.#ids;
    this.#ids = { first: first === "" ? id : first, last: id };
  }

  clear(): void {
    this.#counts = { received: 0, replayed: 0 };
    this.#ids = { first: "", last: "" };
    this.#show();
  }

  #show(): void {
    const { last } = this.#ids;
    this.#received.textContent = String(this.#counts.received);
    this.#replayed.textContent = String(this.#counts.replayed);
    this.#lastId.textContent = last === "" ? "none" : shortId(last);
    this.#lastId.title = last;
  }
}

function row(name: string, value: HTMLElement): HTMLElement {
  return el("div", {}, el("dt", {}, name), value);
}
