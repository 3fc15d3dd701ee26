import { el } from "./dom.js";

/** How long a notice stays in sight, in milliseconds. */
const SHOWN = 6000;

/**
 * The page's one live region. It speaks of what a visitor did not cause and must know; events are
 * never announced.
 */
export class Announcer {
  readonly element = el("div.announcer", { role: "status", "aria-live": "polite" });
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    clearTimeout(this.#timer);
    this.element.textContent = text;
    this.element.classList.add("announcer-shown");
    this.#timer = setTimeout(() => this.element.classList.remove("announcer-shown"), SHOWN);
  }
}
