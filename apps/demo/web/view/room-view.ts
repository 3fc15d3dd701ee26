import { RESET_EVENT } from "@sluice/protocol";
import { fillPath, type Values } from "../catalogue/example.js";
import type { ReceivedEvent } from "../stream/state.js";
import { timeOf } from "./clock.js";
import { el } from "./dom.js";
import { idChip } from "./event-id.js";
import { Log } from "./log.js";
import { replayedBadge } from "./replayed.js";
import { describeReset } from "./reset.js";
import type { Visual } from "./visual.js";

interface Message {
  readonly name: string;
  readonly text: string;
  readonly at: number;
}

interface Presence {
  readonly name: string;
  readonly here: readonly string[];
  readonly at: number;
}

interface RoomState {
  readonly here: readonly string[];
  readonly recent: readonly Message[];
}

const COUNT_AFTER = 300;

/** A room as its visitors see it: who is there, and what was said. */
export class RoomView implements Visual {
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

  begin(values: Values): void {
    this.#values = values;
  }

  event(event: ReceivedEvent): void {
    const { name, data } = event;
    // A moment later, for a connection that has just come is not counted yet.
    this.#counting ??= setTimeout(() => void this.#count(), COUNT_AFTER);
    if (name === "message") this.#say(JSON.parse(data) as Message, event);
    else if (name === "came" || name === "left") this.#move(JSON.parse(data) as Presence, event);
    else if (name === "room") this.#begin(JSON.parse(data) as RoomState);
    else if (name === RESET_EVENT) this.#log.append(el("p.reset", {}, describeReset(data)));
  }

  clear(): void {
    clearTimeout(this.#counting);
    this.#counting = undefined;
    this.#log.clear();
    this.#here.textContent = "nobody";
    this.#listening.textContent = "";
  }

  #say({ name, text, at }: Message, event?: ReceivedEvent): void {
    const line = el(
      "div.say",
      {},
      el("b.say-name", {}, name),
      el("span.say-text", {}, text),
      el("span.say-marks", {}, ...marks(event), timeOf(at)),
    );
    this.#append(line, event);
  }

  #move({ name, here, at }: Presence, event: ReceivedEvent): void {
    const what = event.name === "came" ? "came in" : "left";
    const line = el("div.say.say-moved", {}, el("span.say-text", {}, `${name} ${what}`));
    line.append(el("span.say-marks", {}, ...marks(event), timeOf(at)));
    this.#append(line, event);
    this.#show(here);
  }

  /** After a reset: what the room's state has is shown again, for nobody knows what is missing. */
  #begin({ here, recent }: RoomState): void {
    const what = recent.length === 0 ? "nothing yet" : `the last ${recent.length}`;
    this.#log.append(el("p.resync", {}, `From the room's state, what was said: ${what}`));
    for (const message of recent) this.#say(message);
    this.#show(here);
  }

  #append(line: HTMLElement, event: ReceivedEvent | undefined): void {
    if (event?.replayed === true) line.classList.add("is-replayed");
    if (event === undefined) line.classList.add("is-resynced");
    this.#log.append(line);
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

function marks(event: ReceivedEvent | undefined): HTMLElement[] {
  if (event === undefined) return [];
  const id = event.lastEventId === "" ? [] : [idChip(event.lastEventId)];
  return event.replayed === true ? [replayedBadge(), ...id] : id;
}
