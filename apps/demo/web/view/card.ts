import { curlCommand, type Example, type Values } from "../catalogue/example.js";
import type { ConnectionBudget } from "../stream/budget.js";
import type { ReceivedEvent, StreamState } from "../stream/state.js";
import { callForm } from "./call-form.js";
import { codeView } from "./code.js";
import { copyButton } from "./copy-button.js";
import { button, el } from "./dom.js";
import { EventLog } from "./event-log.js";
import { Fields } from "./fields.js";
import { gateGlyph } from "./gate.js";
import { JobProgress } from "./job-progress.js";
import { Run, type RunListener } from "./run.js";
import { ServerMetrics } from "./server-metrics.js";
import type { Visual } from "./visual.js";
import { WireLog } from "./wire-log.js";

/** What cards share. */
export interface Surroundings {
  readonly budget: ConnectionBudget;
  /** Tells the visitor something, aloud too. */
  announce(text: string): void;
  /** A card's stream changed its state. */
  onState(id: string, state: StreamState): void;
  /** A card received an event. */
  onEvent(): void;
}

const STATE_LABELS: Readonly<Record<StreamState, string>> = {
  idle: "not started",
  connecting: "connecting",
  open: "open",
  reconnecting: "reconnecting",
  closed: "closed",
  completed: "completed",
  refused: "refused",
};

const RUNNING: ReadonlySet<StreamState> = new Set(["connecting", "open", "reconnecting"]);

/** One example of the gallery: its source, its wire and its events, and the buttons that move them. */
export class Card {
  readonly element: HTMLElement;
  readonly #example: Example;
  readonly #around: Surroundings;
  readonly #fields: Fields;
  readonly #wire = new WireLog();
  readonly #events = new EventLog();
  readonly #visual: Visual | undefined;
  readonly #stateLabel = el("span.state", {}, STATE_LABELS.idle);
  readonly #count = el("dd", {}, "0");
  readonly #lastId = el("dd.last-id", {}, "none");
  readonly #curl = el("code.curl-command");
  readonly #toggle = button("Start", () => this.#startOrStop(), "button-main");
  readonly #cut = button("Cut the connection", () => void this.#cutConnection());
  readonly #wireSwitch = el("input", { type: "checkbox", checked: true });
  #state: StreamState = "idle";
  #received = 0;
  #run: Run | undefined;

  constructor(example: Example, around: Surroundings) {
    this.#example = example;
    this.#around = around;
    this.#fields = new Fields(example.id, example.fields ?? [], () => this.#showCurl());
    this.#visual = visualOf(example);
    this.#wireSwitch.addEventListener("change", () => this.#switchWire());
    this.#toggle.setAttribute("aria-describedby", `${example.id}-title`);
    this.#cut.disabled = true;
    this.element = this.#build();
    this.#showCurl();
  }

  get #isRunning(): boolean {
    return RUNNING.has(this.#state);
  }

  #build(): HTMLElement {
    const { id, title, summary, path, body, call, cut } = this.#example;
    const stats = el(
      "dl.stats",
      {},
      el("div", {}, el("dt", {}, "Events"), this.#count),
      el("div", {}, el("dt", {}, "Last id"), this.#lastId),
    );
    const clear = button("Clear", () => this.#clear(), "button-quiet");
    const controls = el("div.controls", {}, ...this.#fields.elements, this.#toggle);
    if (cut === true) controls.append(this.#cut);
    controls.append(clear, stats);

    const curl = el(
      "div.curl",
      {},
      this.#curl,
      copyButton(() => this.#curl.textContent ?? ""),
    );
    const method = body === undefined ? "GET" : "POST";
    return el(
      "article.card",
      { id, "aria-labelledby": `${id}-title`, "data-state": "idle" },
      el(
        "header.card-head",
        {},
        gateGlyph(),
        el(
          "div.card-title",
          {},
          el("h3", { id: `${id}-title` }, title),
          el("code.endpoint", {}, `${method} ${path}`),
        ),
        this.#stateLabel,
      ),
      el("p.summary", {}, summary),
      controls,
      ...(call === undefined ? [] : [callForm(id, call)]),
      ...(this.#visual === undefined ? [] : [this.#visual.element]),
      this.#buildReach(),
      curl,
    );
  }

  /** The three stages that an event passes, from the source to the page. */
  #buildReach(): HTMLElement {
    const { source, body } = this.#example;
    const posts = body !== undefined;
    const toggle = el(
      "label.wire-switch",
      {},
      this.#wireSwitch,
      el("span", {}, "read", el("span.unseen", {}, " the wire")),
    );
    return el(
      "div.reach",
      {},
      stage("Source", source.path.replace(/^apps\/demo\//, ""), codeView(source)),
      stage(
        "Wire",
        posts ? "raw text, read by fetch" : "raw text, on a second connection",
        this.#wire.element,
        ...(posts ? [] : [toggle]),
      ),
      stage(
        "Browser",
        posts ? "parsed from the wire by the page" : "events of the native EventSource",
        this.#events.element,
      ),
    );
  }

  #startOrStop(): void {
    if (this.#isRunning) this.#run?.stop();
    else void this.#start();
  }

  async #start(): Promise<void> {
    // The wire of the run before may still be open when the browser has stopped.
    this.#run?.stop();
    this.#clear();
    this.#setState("connecting");
    let values: Values = this.#fields.values;
    try {
      values = { ...values, ...(await this.#example.prepare?.()) };
    } catch (error) {
      this.#setState("refused", error instanceof Error ? error.message : undefined);
      return;
    }
    this.#showCurl(values);
    this.#run = new Run(this.#example, values, this.#around.budget, this.#listener());
    this.#run.start(this.#wireSwitch.checked);
  }

  #listener(): RunListener {
    const wire = this.#wire;
    return {
      onState: (state, note) => this.#setState(state, note),
      onEvent: (event) => this.#onEvent(event),
      onEvicted: (kind) => this.#onEvicted(kind),
      wire: {
        onRequest: (line) => wire.request(line),
        onResponse: (line) => wire.response(line),
        onHeadEnd: () => wire.line(""),
        onLine: (line) => wire.line(line),
        onNote: (text) => wire.note(text),
        onState: (state) => {
          if (state === "completed") wire.note("complete: nothing more is read");
          if (state === "refused") wire.note("no stream: nothing more is read");
        },
      },
    };
  }

  #onEvent(event: ReceivedEvent): void {
    this.#received++;
    this.#count.textContent = String(this.#received);
    this.#lastId.textContent = event.lastEventId === "" ? "none" : event.lastEventId;
    this.#events.event(event);
    this.#visual?.event(event);
    this.#around.onEvent();
  }

  #onEvicted(kind: "events" | "wire"): void {
    const { title } = this.#example;
    const { limit } = this.#around.budget;
    const what = kind === "wire" ? `the wire reader of “${title}”` : `“${title}”`;
    (kind === "wire" ? this.#wire : this.#events).note(`closed to make room for another stream`);
    this.#around.announce(`Stopped ${what}: this page keeps to ${limit} connections at a time.`);
  }

  #setState(state: StreamState, note?: string): void {
    this.#state = state;
    this.element.dataset["state"] = state;
    this.#stateLabel.textContent = STATE_LABELS[state];
    this.#toggle.textContent = this.#isRunning ? "Stop" : "Start";
    this.#cut.disabled = state !== "open";
    if (note !== undefined) this.#events.note(note);
    else if (state === "reconnecting") this.#events.note("connection lost; the browser reconnects");
    this.#around.onState(this.#example.id, state);
  }

  #switchWire(): void {
    if (!this.#isRunning) return;
    if (this.#wireSwitch.checked) this.#run?.openWire();
    else this.#run?.closeWire();
  }

  /** Has the server cut the sockets of this run, as a failing network would. */
  async #cutConnection(): Promise<void> {
    if (this.#run === undefined) return;
    const response = await fetch(`/connections/${this.#run.handle}/cut`, { method: "POST" });
    if (!response.ok) this.#around.announce(`The server answered ${response.status}.`);
  }

  #showCurl(values: Values = this.#fields.values): void {
    this.#curl.textContent = curlCommand(this.#example, values, location.origin);
  }

  #clear(): void {
    this.#received = 0;
    this.#count.textContent = "0";
    this.#lastId.textContent = "none";
    this.#wire.clear();
    this.#events.clear();
    this.#visual?.clear();
  }
}

function stage(
  title: string,
  what: string,
  box: HTMLElement,
  ...extra: HTMLElement[]
): HTMLElement {
  const head = el(
    "div.stage-head",
    {},
    el("h4", {}, title),
    el("span.stage-what", {}, what),
    ...extra,
  );
  return el(`section.stage.stage-${title.toLowerCase()}`, { "aria-label": title }, head, box);
}

function visualOf(example: Example): Visual | undefined {
  if (example.visual === "metrics") return new ServerMetrics();
  if (example.visual === "progress") return new JobProgress();
  return undefined;
}
