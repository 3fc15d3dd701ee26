import { createParser } from "eventsource-parser";
import { fillPath, fillText, type Example, type Values } from "../catalogue/example.js";
import { BrowserStream } from "../stream/browser-stream.js";
import type { ConnectionBudget, Lease } from "../stream/budget.js";
import { Openings } from "../stream/openings.js";
import type { StreamListener, StreamState } from "../stream/state.js";
import { WireReader, type WireListener } from "../stream/wire-reader.js";

/** Whom a run tells what happens. */
export interface RunListener extends StreamListener {
  readonly wire: WireListener;
  /** A connection of this run was closed to make room for another card. */
  onEvicted(kind: "events" | "wire"): void;
}

const OVER: ReadonlySet<StreamState> = new Set(["closed", "completed", "refused"]);

/**
 * One start of an example: the browser's EventSource and, beside it, a reader of the wire on a
 * connection of its own. A stream that answers a POST has only the latter, whose text is parsed.
 */
export class Run {
  /** Marks the browser's connection on the server, so that it can be cut. */
  readonly handle = crypto.randomUUID().slice(0, 8);
  /** Marks that of the wire's reader. */
  readonly #wireHandle = `${this.handle}-wire`;
  readonly #example: Example;
  readonly #values: Values;
  readonly #budget: ConnectionBudget;
  readonly #listener: RunListener;
  readonly #lastEventId: string | undefined;
  #browser: BrowserStream | undefined;
  #reader: WireReader | undefined;
  #wireLater = false;
  #browserLease: Lease | undefined;
  #readerLease: Lease | undefined;

  /** @param lastEventId - an id to begin with, which an EventSource can only send in its address */
  constructor(
    example: Example,
    values: Values,
    budget: ConnectionBudget,
    listener: RunListener,
    lastEventId?: string,
  ) {
    this.#lastEventId = lastEventId;
    this.#example = example;
    this.#values = values;
    this.#budget = budget;
    this.#listener = listener;
  }

  /** Opens the connections. @param wire - whether the wire is read too */
  start(wire: boolean): void {
    const posts = this.#example.body !== undefined;
    if (!posts) this.#openBrowser();
    // It would be the first to enter a room, and replays would begin with its arrival.
    if (this.#example.resumes !== undefined) this.#wireLater = wire;
    else if (wire || posts) this.openWire();
  }

  /** Closes whatever is open. */
  stop(): void {
    this.#closeBrowser();
    this.closeWire();
    this.#listener.onState("closed");
  }

  /** Has the server cut the sockets of this run, as a failing network would. */
  async cut(): Promise<void> {
    await Promise.all(
      [this.handle, this.#wireHandle].map(async (handle) =>
        fetch(`/connections/${handle}/cut`, { method: "POST" }),
      ),
    );
  }

  /** Starts to read the wire, unless that happens already. */
  openWire(): void {
    this.#wireLater = false;
    if (this.#reader !== undefined) return;
    const { body, headers = {} } = this.#example;
    this.#readerLease = this.#budget.take("wire", () => this.#evicted("wire"));
    this.#reader = new WireReader(
      {
        method: body === undefined ? "GET" : "POST",
        url: this.#url(this.#example.path, this.#wireHandle),
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, fillText(value, this.#values)]),
        ),
        ...(body === undefined ? {} : { body: JSON.stringify(body(this.#values)) }),
      },
      body === undefined ? this.#wireOnly() : this.#wireAndEvents(),
    );
  }

  closeWire(): void {
    this.#wireLater = false;
    this.#reader?.close();
    this.#reader = undefined;
    this.#readerLease?.release();
  }

  #openBrowser(): void {
    this.#browserLease = this.#budget.take("events", () => this.#evicted("events"));
    const url = this.#url(this.#example.browserPath ?? this.#example.path, this.handle);
    const openings =
      this.#example.resumes === undefined
        ? undefined
        : new Openings(this.handle, (event) => this.#listener.onEvent(event));
    this.#browser = new BrowserStream(url, this.#example.events ?? [], {
      onEvent: (event) => (openings ?? this.#listener).onEvent(event),
      onState: (state, note) => {
        openings?.onState(state);
        if (this.#wireLater && state !== "connecting") this.openWire();
        if (OVER.has(state)) this.#browserLease?.release();
        this.#listener.onState(state, note);
      },
    });
  }

  #closeBrowser(): void {
    this.#browser?.close();
    this.#browser = undefined;
    this.#browserLease?.release();
  }

  #evicted(kind: "events" | "wire"): void {
    if (kind === "wire" && this.#browser !== undefined) this.closeWire();
    else this.stop();
    this.#listener.onEvicted(kind);
  }

  #wireOnly(): WireListener {
    const { wire } = this.#listener;
    return {
      onRequest: (line) => wire.onRequest(line),
      onResponse: (line) => wire.onResponse(line),
      onHeadEnd: () => wire.onHeadEnd(),
      onLine: (line) => wire.onLine(line),
      onNote: (text) => wire.onNote(text),
      onState: (state) => {
        if (OVER.has(state)) this.#readerLease?.release();
        wire.onState(state);
      },
    };
  }

  /** For a POST: the events come from the wire's text, and its state is the stream's. */
  #wireAndEvents(): WireListener {
    const listener = this.#listener;
    let lastEventId = "";
    const parser = createParser({
      onEvent: ({ event = "message", data, id }) => {
        lastEventId = id ?? lastEventId;
        listener.onEvent({ name: event, data, lastEventId });
      },
    });
    const wire = this.#wireOnly();
    return {
      ...wire,
      onLine: (line) => {
        wire.onLine(line);
        parser.feed(`${line}\n`);
      },
      onState: (state) => {
        wire.onState(state);
        listener.onState(state);
      },
    };
  }

  #url(template: string, handle: string): string {
    const path = fillPath(template, this.#values);
    const query = new URLSearchParams();
    if (this.#example.cut === true) query.set("handle", handle);
    if (this.#lastEventId !== undefined) query.set("lastEventId", this.#lastEventId);
    if (query.size === 0) return path;
    return `${path}${path.includes("?") ? "&" : "?"}${query.toString()}`;
  }
}
