import { curlCommand, type Example, type Resumes, type Values } from "../catalogue/example.js";
import type { Watched } from "../channels/follow.js";
import { isOver, type ReceivedEvent, type StreamState } from "../stream/state.js";
import { callForm } from "./call-form.js";
import { cardHead } from "./card-head.js";
import { ClientRun } from "./client-run.js";
import { ClientStrip } from "./client-strip.js";
import type { ClientView } from "./client-view.js";
import { copyButton } from "./copy-button.js";
import { button, disable, el } from "./dom.js";
import { EventLog } from "./event-log.js";
import { Fields } from "./fields.js";
import { NativeRun } from "./native-run.js";
import { postCall } from "./post-call.js";
import { reach } from "./reach.js";
import { ResumeControls } from "./resume-controls.js";
import type { Run, RunListener } from "./run.js";
import { Stats } from "./stats.js";
import type { Surroundings } from "./surroundings.js";
import type { Visual } from "./visual.js";
import { makeClientView, makeVisual } from "./visuals.js";
import { WireLog } from "./wire-log.js";

const STATE_LABELS: Readonly<Record<StreamState, string>> = {
  idle: "not started",
  connecting: "connecting",
  open: "open",
  reconnecting: "reconnecting",
  closed: "closed",
  completed: "completed",
  refused: "refused",
};

/** One example of the gallery: its source, its wire and its events, and the buttons that move them. */
export class Card {
  readonly element: HTMLElement;
  readonly #example: Example;
  readonly #around: Surroundings;
  readonly #fields: Fields;
  readonly #wire = new WireLog("Press Start to see the text.");
  readonly #events = new EventLog();
  readonly #visual: Visual | undefined;
  readonly #view: ClientView | undefined;
  readonly #strip: ClientStrip | undefined;
  readonly #stateLabel = el("span.state", {}, STATE_LABELS.idle);
  readonly #stats: Stats;
  readonly #resume: ResumeControls | undefined;
  readonly #curl = el("code.curl-command");
  readonly #curlLine = el(
    "div.curl",
    {},
    this.#curl,
    copyButton(() => this.#curl.textContent ?? ""),
  );
  readonly #toggle = button("Start", () => this.#startOrStop(), "button-main");
  readonly #cut = button("Cut the connection", () => void this.#cutConnection());
  readonly #wireSwitch = el("input", { type: "checkbox", checked: true });
  #state: StreamState = "idle";
  #run: Run | undefined;

  constructor(example: Example, around: Surroundings) {
    this.#example = example;
    this.#around = around;
    this.#fields = new Fields(example.id, example.fields ?? [], () => this.#showCurl());
    this.#stats = new Stats(example.resumes !== undefined, example.client === undefined);
    this.#visual = makeVisual(example.visual);
    this.#view = makeClientView(example.client);
    if (example.client !== undefined) {
      this.#strip = new ClientStrip(example.client.canShare && (() => this.#openAgain()));
    }
    if (example.resumes !== undefined) this.#resume = this.#resumeControls(example.resumes);
    this.#wireSwitch.addEventListener("change", () => this.#switchWire());
    this.#toggle.setAttribute("aria-describedby", `${example.id}-title`);
    disable(this.#cut, true);
    this.element = this.#build();
    this.#showCurl();
  }

  get #isRunning(): boolean {
    return this.#state !== "idle" && !isOver(this.#state);
  }

  #build(): HTMLElement {
    const { id, summary, call, cut, resumes } = this.#example;
    const clear = button("Clear", () => this.#clear(), "button-quiet");
    const controls = el("div.controls", {}, ...this.#fields.elements, this.#toggle);
    if (cut === true) controls.append(this.#cut);
    controls.append(clear, this.#stats.element);

    return el(
      "article.card",
      {
        id,
        "aria-labelledby": `${id}-title`,
        "data-state": "idle",
        "data-resumes": resumes !== undefined,
      },
      cardHead(this.#example, this.#stateLabel),
      el("p.summary", {}, summary),
      controls,
      ...[this.#strip, this.#resume, this.#visual, this.#view].flatMap((part) =>
        part === undefined || (part === this.#view && part.isStage) ? [] : [part.element],
      ),
      ...(call === undefined ? [] : [callForm(id, call, () => this.#fields.values)]),
      reach(this.#example, {
        wire: this.#wire.element,
        wireSwitch: this.#wireSwitch,
        events: this.#events.element,
        view: this.#view,
      }),
      this.#curlLine,
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
    this.#open(values);
  }

  #open(values: Values, lastEventId?: string): void {
    const { budget } = this.#around;
    const example = this.#example;
    const listener = this.#listener();
    this.#view?.enter?.(values);
    this.#run =
      this.#view === undefined
        ? new NativeRun(example, values, budget, listener, this.#wireSwitch.checked)
        : new ClientRun({
            view: this.#view,
            example,
            values,
            budget,
            listener,
            isShared: this.#strip?.isShared ?? false,
            lastEventId,
          });
    this.#run.start();
  }

  /** Goes on from where it is, on another connection. */
  #openAgain(): void {
    if (!this.#isRunning) return;
    this.#run?.stop();
    this.#open(this.#fields.values, this.#stats.ids.last);
  }

  #resumeControls({ burst }: Resumes): ResumeControls {
    const { id, call } = this.#example;
    return new ResumeControls(id, {
      cut: async () => this.#cutConnection(),
      publish:
        burst === undefined || call === undefined
          ? undefined
          : async (n) =>
              void (await postCall(call, burst(n, this.#fields.values), this.#fields.values)),
      ids: () => this.#stats.ids,
      comeBack: (lastEventId) => {
        this.#run?.stop();
        this.#events.note(`coming back with the id ${lastEventId}`);
        this.#open(this.#fields.values, lastEventId);
      },
    });
  }

  #listener(): RunListener {
    return {
      onState: (state, note) => this.#setState(state, note),
      onEvent: (event) => this.#onEvent(event),
      onEvicted: (kind) => this.#onEvicted(kind),
      onClient: (client) => this.#onClient(client),
      onNode: (name) => this.#strip?.onNode(name),
      wire: this.#wire,
    };
  }

  #onEvent(event: ReceivedEvent): void {
    this.#stats.count(event);
    this.#events.event(event);
    this.#visual?.event(event);
    this.#around.onEvent();
  }

  #onClient(client: Watched): void {
    this.#strip?.show(client);
    this.#stats.place(client.lastEventId);
  }

  #onEvicted(kind: "events" | "wire"): void {
    const { title } = this.#example;
    const { limit } = this.#around.budget;
    const what = kind === "wire" ? `the wire reader of “${title}”` : `“${title}”`;
    const made = "closed to make room for another stream";
    if (kind === "wire") this.#wire.onNote(made);
    else this.#events.note(made);
    this.#around.announce(`Stopped ${what}: this page keeps to ${limit} connections at a time.`);
  }

  #setState(state: StreamState, note?: string): void {
    this.#state = state;
    this.element.dataset["state"] = state;
    this.#stateLabel.textContent = STATE_LABELS[state];
    this.#toggle.textContent = this.#isRunning ? "Stop" : "Start";
    disable(this.#cut, state !== "open");
    this.#resume?.enable(state === "open");
    if (note !== undefined) this.#events.note(note);
    else if (state === "reconnecting") this.#events.note("connection lost; the browser reconnects");
    this.#around.onState(this.#example.id, state);
  }

  #switchWire(): void {
    if (this.#isRunning) this.#run?.readWire?.(this.#wireSwitch.checked);
  }

  async #cutConnection(): Promise<void> {
    try {
      await this.#run?.cut();
    } catch {
      this.#around.announce("The server did not answer.");
    }
  }

  #showCurl(values: Values = this.#fields.values): void {
    // What is prepared at the start is a part of the command.
    this.#curlLine.hidden = this.#example.prepare !== undefined && this.#state === "idle";
    this.#curl.textContent = curlCommand(this.#example, values, location.origin);
  }

  #clear(): void {
    this.#stats.clear();
    this.#resume?.clear();
    this.#wire.clear();
    this.#events.clear();
    this.#visual?.clear();
    this.#view?.clear();
    this.#strip?.clear();
  }
}
