import { fillText, type Example, type Values } from "../catalogue/example.js";
import { BrowserStream } from "../stream/browser-stream.js";
import type { ConnectionBudget, Lease } from "../stream/budget.js";
import { isOver } from "../stream/state.js";
import { WireReader } from "../stream/wire-reader.js";
import { cutConnections, newHandle, type Run, type RunListener, streamUrl } from "./run.js";

/** The browser's EventSource and, beside it, a reader of the wire on a connection of its own. */
export class NativeRun implements Run {
  readonly #handle = newHandle();
  readonly #wireHandle = `${this.#handle}-wire`;
  #browser: BrowserStream | undefined;
  #reader: WireReader | undefined;
  #browserLease: Lease | undefined;
  #readerLease: Lease | undefined;

  /** @param wire - whether the wire is read from the start */
  constructor(
    private readonly example: Example,
    private readonly values: Values,
    private readonly budget: ConnectionBudget,
    private readonly listener: RunListener,
    private readonly wire: boolean,
  ) {}

  start(): void {
    this.#openBrowser();
    this.readWire(this.wire);
  }

  stop(): void {
    this.#closeBrowser();
    this.readWire(false);
    this.listener.onState("closed");
  }

  async cut(): Promise<void> {
    await cutConnections([this.#handle, this.#wireHandle]);
  }

  readWire(wanted: boolean): void {
    if (wanted) {
      this.#openWire();
      return;
    }
    this.#reader?.close();
    this.#reader = undefined;
    this.#readerLease?.release();
  }

  #openWire(): void {
    if (this.#reader !== undefined) return;
    const { path, headers = {} } = this.example;
    const { wire } = this.listener;
    this.#readerLease = this.budget.take("wire", () => this.#evicted("wire"));
    this.#reader = new WireReader(
      {
        url: streamUrl({ path }, this.values, this.#query(this.#wireHandle)),
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, fillText(value, this.values)]),
        ),
      },
      {
        onRequest: (line) => wire.onRequest(line),
        onResponse: (line) => wire.onResponse(line),
        onHeadEnd: () => wire.onHeadEnd(),
        onLine: (line) => wire.onLine(line),
        onNote: (text) => wire.onNote(text),
        onState: (state) => {
          if (isOver(state)) this.#readerLease?.release();
          wire.onState(state);
        },
      },
    );
  }

  #openBrowser(): void {
    const { listener } = this;
    this.#browserLease = this.budget.take("events", () => this.#evicted("events"));
    const url = streamUrl(this.example, this.values, this.#query(this.#handle));
    this.#browser = new BrowserStream(url, this.example.events ?? [], {
      onEvent: (event) => listener.onEvent(event),
      onState: (state, note) => {
        if (isOver(state)) this.#browserLease?.release();
        listener.onState(state, note);
      },
    });
  }

  #closeBrowser(): void {
    this.#browser?.close();
    this.#browser = undefined;
    this.#browserLease?.release();
  }

  #evicted(kind: "events" | "wire"): void {
    if (kind === "wire" && this.#browser !== undefined) this.readWire(false);
    else this.stop();
    this.listener.onEvicted(kind);
  }

  #query(handle: string): Readonly<Record<string, string | undefined>> {
    return { handle: this.example.cut === true ? handle : undefined };
  }
}
