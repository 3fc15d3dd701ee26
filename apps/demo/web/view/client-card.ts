import type { Client } from "../catalogue/clients.js";
import type { Lease } from "../stream/budget.js";
import { callForm } from "./call-form.js";
import { codeView } from "./code.js";
import { button, disable, el } from "./dom.js";
import { Log } from "./log.js";
import type { Surroundings } from "./surroundings.js";

/** One of the printed clients: its source, and what it shows while it runs. */
export class ClientCard {
  readonly element: HTMLElement;
  readonly #client: Client;
  readonly #around: Surroundings;
  readonly #log = new Log("What the client writes to the console", "Not started.");
  readonly #stage: HTMLElement = el("div.client-stage", {}, "Not started.");
  readonly #toggle = button("Start", () => void this.#startOrStop(), "button-main");
  readonly #cut = button("Cut the connection", () => void this.#cutConnection());
  readonly #handle = crypto.randomUUID().slice(0, 8);
  #close: (() => void) | undefined;
  #lease: Lease | undefined;

  constructor(client: Client, around: Surroundings) {
    this.#client = client;
    this.#around = around;
    this.#toggle.setAttribute("aria-describedby", `${client.id}-title`);
    disable(this.#cut, true);
    this.element = this.#build();
  }

  #build(): HTMLElement {
    const { id, title, summary, source, runs, call } = this.#client;
    const controls = el("div.controls");
    if (runs.kind === "page") {
      const link = {
        class: "button button-main",
        href: runs.href,
        target: "_blank",
        rel: "noopener",
      };
      controls.append(el("a", link, "Open the page"));
    } else {
      controls.append(this.#toggle);
      if (runs.kind === "console") controls.append(this.#cut);
    }
    const shown =
      runs.kind === "page" ? [] : [runs.kind === "console" ? this.#log.element : this.#stage];
    return el(
      "article.card.client",
      { id, "aria-labelledby": `${id}-title`, "data-state": "idle" },
      el("h3", { id: `${id}-title` }, title),
      el("p.summary", {}, summary),
      controls,
      ...(call === undefined ? [] : [callForm(id, call)]),
      el("div.client-body", {}, codeView(source), ...shown),
    );
  }

  async #startOrStop(): Promise<void> {
    if (this.#close === undefined) await this.#start();
    else this.#stop();
  }

  async #start(): Promise<void> {
    this.#lease = this.#around.budget.take("events", () => {
      this.#stop();
      const { limit } = this.#around.budget;
      const what = `the client “${this.#client.title}”`;
      this.#around.announce(`Stopped ${what}: this page keeps to ${limit} connections at a time.`);
    });
    this.#show(true);
    const { runs } = this.#client;
    if (runs.kind === "console") {
      this.#log.clear();
      this.#close = runs.run(
        {
          log: (...values) => this.#write("console-line", values),
          error: (...values) => this.#write("console-error", values),
        },
        this.#handle,
      );
    } else if (runs.kind === "component") {
      let wanted = true;
      this.#close = () => {
        wanted = false;
      };
      const { render } = await import("../clients/island.js");
      if (!wanted) return;
      this.#stage.replaceChildren();
      this.#close = render(runs.name, this.#stage);
    }
  }

  #stop(): void {
    this.#close?.();
    this.#close = undefined;
    this.#lease?.release();
    this.#show(false);
  }

  #show(running: boolean): void {
    this.element.dataset["state"] = running ? "open" : "closed";
    this.#toggle.textContent = running ? "Stop" : "Start";
    disable(this.#cut, !running);
  }

  #write(kind: "console-line" | "console-error", values: readonly unknown[]): void {
    this.#log.append(el(`div.${kind}`, {}, values.map((value) => printable(value)).join(" ")));
    this.#around.onEvent();
  }

  async #cutConnection(): Promise<void> {
    await fetch(`/connections/${this.#handle}/cut`, { method: "POST" });
  }
}

function printable(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Event) return `Event "${value.type}"`;
  return JSON.stringify(value);
}
