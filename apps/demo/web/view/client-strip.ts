import type { ClientState } from "@sluice/client";
import type { Watched } from "../channels/follow.js";
import { el } from "./dom.js";
import { shortId } from "./event-id.js";

const STATES: Readonly<Record<ClientState, string>> = {
  connecting: "a request is under way",
  open: "the server has answered with a stream",
  waiting: "between two attempts",
  closed: "for good: complete, closed here, or given up",
};

/** How often the time to the next attempt is written anew, in milliseconds. */
const TICK = 100;

/** What Sluice's client says of itself: its state, when it comes back, where it would resume, and why it is away. */
export class ClientStrip {
  readonly #states = new Map<ClientState, HTMLElement>();
  readonly #next = el("span.strip-next");
  readonly #id = el("code.strip-id", {}, "none");
  readonly #opened = el("span.strip-opened");
  readonly #error = el("p.strip-error");
  readonly #onWhich = el("span.strip-node");
  readonly element: HTMLElement;
  #client: Watched | undefined;
  #state: ClientState | undefined;
  #count = 0;
  #node: string | undefined;
  readonly #share = el("input", { type: "checkbox" });
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param onShare - called when the visitor has changed their mind; undefined where nothing can be shared */
  constructor(onShare: (() => void) | undefined) {
    const track = el("ol.track", { "aria-label": "State of the client" });
    for (const [state, title] of Object.entries(STATES) as [ClientState, string][]) {
      const item = el("li.track-state", { title }, state);
      this.#states.set(state, item);
      track.append(item);
    }
    this.element = el(
      "div.strip",
      { role: "group", "aria-label": "Sluice's client" },
      el(
        "div.strip-row",
        {},
        el("code.strip-label", {}, "state"),
        track,
        this.#next,
        this.#onWhich,
        this.#opened,
        ...(onShare === undefined
          ? []
          : [el("label.strip-share", {}, this.#share, "share between tabs")]),
        el("span.strip-place", {}, el("code.strip-label", {}, "lastEventId "), this.#id),
      ),
      this.#error,
    );
    if (onShare !== undefined) this.#share.addEventListener("change", onShare);
  }

  /** Whether the visitor wants to share the connection. */
  get isShared(): boolean {
    return this.#share.checked;
  }

  /** Shows with which node the connection is, and with which it was before. */
  onNode(name: string): void {
    const was = this.#node === undefined || this.#node === name ? [] : [` was ${this.#node}`];
    this.#node = name;
    this.#onWhich.replaceChildren(el("b", {}, `node ${name}`), ...was);
  }

  /** Shows how a client is. */
  show(client: Watched): void {
    this.#client = client;
    const { state, lastEventId, error } = client;
    if (state !== this.#state) {
      if (state === "open") this.#count++;
      this.#state = state;
      if (state === "waiting" || state === "closed") this.#onWhich.replaceChildren();
      for (const [name, item] of this.#states) {
        if (name === state) item.setAttribute("aria-current", "true");
        else item.removeAttribute("aria-current");
      }
      this.#opened.textContent = this.#count < 2 ? "" : `opened ${this.#count} times`;
      this.#error.replaceChildren(
        ...(error === undefined ? [] : [el("b", {}, error.code), ` ${error.message}`]),
      );
      this.#error.dataset["final"] = String(state === "closed");
      this.#await();
    }
    this.#id.textContent = lastEventId === "" ? "none" : shortId(lastEventId);
    this.#id.title = lastEventId;
  }

  clear(): void {
    clearInterval(this.#timer);
    for (const item of this.#states.values()) item.removeAttribute("aria-current");
    this.#client = undefined;
    this.#state = undefined;
    this.#count = 0;
    this.#node = undefined;
    this.#id.textContent = "none";
    this.#id.title = "";
    for (const part of [this.#next, this.#onWhich, this.#opened, this.#error])
      part.replaceChildren();
  }

  /** Counts down to the next attempt. */
  #await(): void {
    clearInterval(this.#timer);
    this.#next.textContent = "";
    const { retryAt } = this.#client ?? {};
    if (retryAt === undefined) return;
    const tell = () => {
      const left = Math.max(0, retryAt - Date.now()) / 1000;
      this.#next.textContent = `next attempt in ${left.toFixed(1)} s`;
    };
    tell();
    this.#timer = setInterval(tell, TICK);
  }
}
