import { onTestFinished, vi } from "vitest";

/** What a page tells about the network and itself, in the hands of a test. */
export class Page {
  readonly #target = new EventTarget();
  readonly #document = Object.assign(new EventTarget(), { hidden: false });
  readonly #navigator = { onLine: true };
  /** How many listeners there are. */
  listeners = 0;

  /** Puts it in the place of what a browser has, until the test is over. */
  constructor() {
    const { navigator } = this.#globals();
    for (const target of [this.#target, this.#document]) this.#count(target);
    vi.stubGlobal("navigator", navigator);
    vi.stubGlobal("document", this.#document);
    vi.stubGlobal("addEventListener", this.#target.addEventListener.bind(this.#target));
    onTestFinished(() => void vi.unstubAllGlobals());
  }

  goOffline(): void {
    this.#navigator.onLine = false;
    this.#target.dispatchEvent(new Event("offline"));
  }

  goOnline(): void {
    this.#navigator.onLine = true;
    this.#target.dispatchEvent(new Event("online"));
  }

  hide(): void {
    this.#document.hidden = true;
    this.#document.dispatchEvent(new Event("visibilitychange"));
  }

  show(): void {
    this.#document.hidden = false;
    this.#document.dispatchEvent(new Event("visibilitychange"));
  }

  #globals(): { navigator: object } {
    return { navigator: this.#navigator };
  }

  #count(target: EventTarget): void {
    const { addEventListener } = target;
    target.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      this.listeners++;
      const options = args[2] as AddEventListenerOptions;
      options.signal?.addEventListener("abort", () => this.listeners--);
      addEventListener.apply(target, args);
    };
  }
}
