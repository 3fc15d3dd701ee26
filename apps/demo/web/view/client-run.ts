import { RESET_EVENT } from "@sluice/protocol";
import type { Reset } from "@sluice/client";
import { fillText, type Example, type Values } from "../catalogue/example.js";
import type { AnyEvent, Followed, Mark, Watched } from "../channels/follow.js";
import type { ConnectionBudget, Lease } from "../stream/budget.js";
import { Opening } from "../stream/opening.js";
import { isOver, type StreamState } from "../stream/state.js";
import { tapped } from "../stream/wire-tap.js";
import type { ClientView } from "./client-view.js";
import {
  cutConnections,
  newHandle,
  type Run,
  type RunListener,
  sharedHandle,
  streamUrl,
} from "./run.js";

/** What a run of Sluice's client needs. */
export interface ClientRunOptions {
  readonly view: ClientView;
  readonly example: Example;
  readonly values: Values;
  readonly budget: ConnectionBudget;
  readonly listener: RunListener;
  /** Whether the tabs of the browser share the connection, where the example's client can. */
  readonly isShared: boolean;
  /** An id to begin with. */
  readonly lastEventId: string | undefined;
}

/** Sluice's client, and its connection's wire: one connection for both. */
export class ClientRun implements Run {
  readonly #options: ClientRunOptions;
  readonly #handle: string;
  readonly #opening: Opening;
  #client: Followed | undefined;
  #lease: Lease | undefined;
  #watched: Watched | undefined;
  #state: Watched["state"] | undefined;
  #retryAt: number | undefined;
  #isStopped = false;

  constructor(options: ClientRunOptions) {
    this.#options = options;
    // Those who share a connection have one address.
    this.#handle = options.isShared ? sharedHandle() : newHandle();
    this.#opening = new Opening(this.#handle);
  }

  start(): void {
    const { view, example, values, budget, listener, isShared, lastEventId } = this.#options;
    const { body, headers = {}, cut, resumes } = example;
    this.#lease = budget.take("events", () => {
      this.stop();
      listener.onEvicted("events");
    });
    const shown = this.#tapped();
    const client = view.follow(
      streamUrl(example, values, { handle: cut === true ? this.#handle : undefined }),
      {
        ...(body === undefined ? {} : { body: body(values) }),
        ...(lastEventId === undefined ? {} : { lastEventId }),
        isShared,
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, fillText(value, values)]),
        ),
        fetch: resumes === undefined ? shown : this.#opening.watch(shown),
        onReset: (reset) => this.#reset(reset),
        onStateChange: (_, watched) => this.#changed(watched),
      },
      (event) => this.#markOf(event),
    );
    client.on?.((event) => this.#received(event));
    this.#client = client;
  }

  stop(): void {
    this.#isStopped = true;
    this.#client?.close();
    this.#lease?.release();
    this.#options.listener.onState("closed");
  }

  async cut(): Promise<void> {
    await cutConnections([this.#handle]);
  }

  /** The `fetch` whose wire is shown. */
  #tapped(): typeof fetch {
    const { wire } = this.#options.listener;
    return tapped({
      onRequest: (line) => wire.onRequest(line),
      onResponse: (line) => wire.onResponse(line),
      onHeadEnd: () => wire.onHeadEnd(),
      onNode: (name) => this.#options.listener.onNode(name),
      onLine: (line) => {
        wire.onLine(line);
        // The client moves on when it has read the block. Not every block is an event.
        if (line === "") setTimeout(() => this.#moved());
      },
      onAbort: () =>
        setTimeout(() => {
          if (this.#isStopped || this.#state !== "open") return;
          wire.onNote("let go: the client that has the shared connection reads on for all");
        }),
    });
  }

  #changed(watched: Watched): void {
    this.#options.listener.onClient(watched);
    if (this.#isStopped) return;
    const { state, retryAt } = watched;
    const isNews = state !== this.#state || retryAt !== this.#retryAt;
    this.#watched = watched;
    this.#state = state;
    this.#retryAt = retryAt;
    if (!isNews) return;
    if (this.#options.isShared) this.#followOpening(state);
    const shown = stateOf(watched);
    if (isOver(shown)) this.#lease?.release();
    this.#options.listener.onState(shown, noteOf(watched));
    const { wire } = this.#options.listener;
    if (state === "closed") wire.onState(shown);
    if (retryAt === undefined) return;
    wire.onNote(`connection ended; next try in ${Math.round(retryAt - Date.now())} ms`);
  }

  /** A connection that another tab has may have been opened anew. */
  #followOpening(state: Watched["state"]): void {
    if (state !== "open") this.#opening.forget();
    else if (!this.#opening.isKnown) void this.#opening.ask();
  }

  #moved(): void {
    const watched = this.#watched;
    // The last block may be looked at after the end.
    if (watched === undefined || this.#isStopped) return;
    this.#options.view.place?.(watched.lastEventId);
    this.#options.listener.onClient(watched);
  }

  #received(event: AnyEvent): void {
    const { data } = event;
    const mark = hasTime(data) ? this.#markOf({ id: event.id, data }) : undefined;
    this.#options.listener.onEvent({
      name: event.event,
      data: typeof data === "string" ? data : JSON.stringify(data),
      lastEventId: event.id ?? "",
      ...(mark?.replayed === undefined ? {} : { replayed: mark.replayed }),
    });
    this.#moved();
  }

  #reset(reset: Reset): void {
    this.#options.view.reset?.(reset);
    this.#options.listener.onEvent({
      name: RESET_EVENT,
      data: JSON.stringify(reset),
      lastEventId: "",
    });
  }

  #markOf({ id, data }: { id: string | undefined; data: { readonly at: number } }): Mark {
    return { id, replayed: this.#opening.isReplayed(data.at) };
  }
}

function hasTime(data: unknown): data is { readonly at: number } {
  return typeof data === "object" && data !== null && "at" in data && typeof data.at === "number";
}

/** A client's state in the page's words. */
function stateOf({ state, error }: Watched): StreamState {
  if (state === "waiting") return "reconnecting";
  if (state !== "closed") return state;
  return error === undefined ? "completed" : "refused";
}

function noteOf({ state, error }: Watched): string | undefined {
  if (state === "waiting") {
    return error === undefined
      ? "let go: the page is hidden, or offline"
      : `${error.code}: the client comes back`;
  }
  if (state !== "closed") return undefined;
  return error === undefined ? "The stream is complete." : `${error.code}: the client has given up`;
}
