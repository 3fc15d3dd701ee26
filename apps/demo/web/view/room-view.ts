import type { Reset } from "@sluice/client";
import { fillPath, type Values } from "../catalogue/example.js";
import type { FollowOptions, Mark, MarkOf } from "../channels/follow.js";
import { followRoom, type RoomEvents } from "../channels/room.js";
import type { ClientView } from "./client-view.js";
import { timeOf } from "./clock.js";
import { el } from "./dom.js";
import { Log } from "./log.js";
import { marks } from "./replayed.js";
import { describeReset } from "./reset.js";

type Message = RoomEvents["message"];
type Presence = Omit<RoomEvents["came"], "name">;

const COUNT_AFTER = 300;

/** A room as its visitors see it: who is there, and what was said. */
export class RoomView implements ClientView {
  readonly #log = new Log("What was said in the room", "Start to enter the room.");
  readonly #here = el("span.room-here", {}, "nobody");
  readonly #listening = el("span.room-listening");
  readonly element: HTMLElement;
  #values: Values = {};
  #counting: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    // Unlike the streams of figures, this is what people say to each other.
    this.#log.element.setAttribute("role", "log");
    this.#log.element.classList.add("transcript");
    const head = el("p.room-head", {}, el("span.room-label", {}, "In the room: "), this.#here);
    head.append(this.#listening);
    this.element = el("div.visual.panel", {}, head, this.#log.element);
  }

  follow(url: string, options: FollowOptions, mark: MarkOf) {
    return followRoom(url, options, this, mark);
  }

  enter(values: Values): void {
    this.#values = values;
  }

  say({ name, text, at }: Message, mark: Mark): void {
    this.#append(this.#spoken(name, text, at, mark), mark);
  }

  /** @param what - who has come or gone */
  move(what: string, { here, at }: Presence, mark: Mark): void {
    const line = el("div.say.say-moved", {}, el("span.say-text", {}, what));
    line.append(el("span.say-marks", {}, ...marks(mark), timeOf(at)));
    this.#append(line, mark);
    this.#show(here);
  }

  reset(reset: Reset): void {
    this.#log.append(el("p.reset", {}, describeReset(reset)));
  }

  /** After a reset: what the room's state has is shown again, for nobody knows what is missing. */
  begin({ here, recent }: RoomEvents["room"]): void {
    const what = recent.length === 0 ? "nothing yet" : `the last ${recent.length}`;
    this.#log.append(el("p.resync", {}, `From the room's state, what was said: ${what}`));
    for (const { name, text, at } of recent) {
      const line = this.#spoken(name, text, at);
      line.classList.add("is-resynced");
      this.#log.append(line);
    }
    this.#show(here);
  }

  clear(): void {
    clearTimeout(this.#counting);
    this.#counting = undefined;
    this.#log.clear();
    this.#here.textContent = "nobody";
    this.#listening.textContent = "";
  }

  #spoken(name: string, text: string, at: number, mark?: Mark): HTMLElement {
    return el(
      "div.say",
      {},
      el("b.say-name", {}, name),
      el("span.say-text", {}, text),
      el("span.say-marks", {}, ...(mark === undefined ? [] : marks(mark)), timeOf(at)),
    );
  }

  #append(line: HTMLElement, { replayed }: Mark): void {
    line.classList.toggle("is-replayed", replayed === true);
    this.#log.append(line);
    this.#counting ??= setTimeout(() => void this.#count(), COUNT_AFTER);
  }

  #show(here: readonly string[]): void {
    this.#here.textContent = here.length === 0 ? "nobody" : here.join(", ");
  }

  /** A connection says nothing where its name is there already: the server counts them. */
  async #count(): Promise<void> {
    this.#counting = undefined;
    const response = await fetch(fillPath("/rooms/{room}/people", this.#values)).catch(() => null);
    if (response?.ok !== true) return;
    const { listening } = (await response.json()) as { listening: number };
    this.#listening.textContent = `${listening} ${listening === 1 ? "connection listens" : "connections listen"}`;
  }
}
