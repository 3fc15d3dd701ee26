import { button, disable, el } from "./dom.js";
import { idOfAnotherHistory } from "./event-id.js";

/** How many are published while a connection is away. */
const BURST = 20;

/** What the controls have done. */
export interface ResumeActions {
  cut(): Promise<void>;
  /** Publishes the n-th of a series; undefined where the server publishes by itself. */
  readonly publish: ((n: number) => Promise<void>) | undefined;
  /** The first and the last id that the card has seen. */
  ids(): { readonly first: string; readonly last: string };
  /** Closes the stream and opens it with another id. */
  comeBack(lastEventId: string): void;
}

const IDS = {
  first: "the first id seen here",
  other: "an id of a history that is gone",
  made: "“yesterday”, which is no id",
} as const;

/** Buttons that show how a stream resumes, and what happens where it can't. */
export class ResumeControls {
  readonly element: HTMLElement;
  readonly #actions: ResumeActions;
  readonly #away: HTMLButtonElement | undefined;
  readonly #said = el("output.call-answer");
  readonly #choice: HTMLSelectElement;
  #wasOpened = false;

  /** @param prefix - makes the ids of the controls unique on the page */
  constructor(prefix: string, actions: ResumeActions) {
    this.#actions = actions;
    const id = `${prefix}-come-back`;
    const options = Object.entries(IDS).map(([value, label]) => el("option", { value }, label));
    this.#choice = el("select", { id }, ...options);
    const parts: HTMLElement[] = [];
    if (actions.publish !== undefined) {
      this.#away = button(`Cut, and publish ${BURST} meanwhile`, () => void this.#publishAway());
      parts.push(this.#away);
    }
    parts.push(
      el(
        "div.field.come-back",
        {},
        el("label", { for: id }, "Come back with"),
        el(
          "div.come-back-row",
          {},
          this.#choice,
          button("Reconnect", () => this.#comeBack()),
        ),
      ),
      this.#said,
    );
    this.element = el("div.drill", { role: "group", "aria-label": "Try how it resumes" }, ...parts);
    this.enable(false);
  }

  /** @param open - whether there is a connection that could be cut */
  enable(open: boolean): void {
    if (open) this.#wasOpened = true;
    if (this.#away !== undefined) disable(this.#away, !open);
  }

  clear(): void {
    this.#said.textContent = "";
  }

  async #publishAway(): Promise<void> {
    const { publish } = this.#actions;
    if (publish === undefined) return;
    this.#said.textContent = "";
    await this.#actions.cut();
    this.#wasOpened = false;
    // One after another, so that their order is known.
    // oxlint-disable-next-line no-await-in-loop -- as it says
    for (let n = 1; n <= BURST; n++) await publish(n);
    this.#said.textContent = this.#wasOpened
      ? `Published ${BURST}; the connection came back before the last.`
      : `Published ${BURST} while the connection was away.`;
  }

  #comeBack(): void {
    const { first, last } = this.#actions.ids();
    this.#said.textContent = "";
    const id = { first, other: idOfAnotherHistory(last), made: "yesterday" }[
      this.#choice.value as keyof typeof IDS
    ];
    if (id === "") this.#said.textContent = "No id has been seen yet: start first.";
    else this.#actions.comeBack(id);
  }
}
