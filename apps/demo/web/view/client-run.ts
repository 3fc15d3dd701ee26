import { RESET_EVENT } from "@sluice/protocol";
import type { Reset } from "@sluice/client";
import { fillText, type Example, type Values } from "../catalogue/example.js";
import type { AnyEvent, Followed, Mark, Watched } from "../channels/follow.js";
import type { ConnectionBudget, Lease } from "../stream/budget.js";
import { Opening } from "../stream/opening.js";
import { isOver, type StreamState } from "../stream/state.js";
import { tapped } from "../stream/wire-tap.js";
import type { ClientView } from "./client-view.js";
import { cutConnections, newHandle, type Run, type RunListener, streamUrl } from "./run.js";

/** Sluice's client, and its connection's wire: one connection for both. */
export class ClientRun implements Run {
  readonly #handle = newHandle();
  readonly #opening = new Opening(this.#handle);
  #client: Followed | undefined;
  #lease: Lease | undefined;
  #watched: Watched | undefined;
  #state: Watched["state"] | undefined;
  #retryAt: number | undefined;
  #isStopped = false;

  /** @param lastEventId - an id to begin with */
  constructor(
    private readonly view: ClientView,
    private readonly example: Example,
    private readonly values: Values,
    private readonly budget: ConnectionBudget,
    private readonly listener: RunListener,
    private readonly lastEventId?: string,
  ) {}

  start(): void {
    const { example, values, lastEventId, listener } = this;
    const { body, headers = {}, cut, resumes } = example;
    this.#lease = this.budget.take("events", () => {
      this.stop();
      listener.onEvicted("events");
    });
    const shown = this.#tapped();
    const client = this.view.follow(
      streamUrl(example, values, { handle: cut === true ? this.#handle : undefined }),
      {
        ...(body === undefined ? {} : { body: body(values) }),
        ...(lastEventId === undefined ? {} : { lastEventId }),
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
    this.listener.onState("closed");
  }

  async cut(): Promise<void> {
    await cutConnections([this.#handle]);
  }

  /** The `fetch` whose wire is shown. */
  #tapped(): typeof fetch {
    const { wire } = this.listener;
    return tapped({
      onRequest: (line) => wire.onRequest(line),
      onResponse: (line) => wire.onResponse(line),
      onHeadEnd: () => wire.onHeadEnd(),
      onLine: (line) => {
        wire.onLine(line);
        // The client moves on when it has read the block. Not every block is an event.
        if (line === "") setTimeout(() => this.#moved());
      },
    });
  }

  #changed(watched: Watched): void {
    this.listener.onClient(watched);
    if (this.#isStopped) return;
    const { state, retryAt } = watched;
    const isNews = state !== this.#state || retryAt !== this.#retryAt;
    this.#watched = watched;
    this.#state = state;
    this.#retryAt = retryAt;
    if (!isNews) return;
    const shown = stateOf(watched);
    if (isOver(shown)) this.#lease?.release();
    this.listener.onState(shown, noteOf(watched));
    const { wire } = this.listener;
    if (state === "closed") wire.onState(shown);
    if (retryAt === undefined) return;
    wire.onNote(`connection ended; next try in ${Math.round(retryAt - Date.now())} ms`);
  }

  #moved(): void {
    const { lastEventId = "" } = this.#watched ?? {};
    if (this.#watched === undefined) return;
    this.view.place?.(lastEventId);
    this.listener.onClient(this.#watched);
  }

  #received(event: AnyEvent): void {
    const { data } = event;
    const mark = hasTime(data) ? this.#markOf({ id: event.id, data }) : undefined;
    this.listener.onEvent({
      name: event.event,
      data: typeof data === "string" ? data : JSON.stringify(data),
      lastEventId: event.id ?? "",
      ...(mark?.replayed === undefined ? {} : { replayed: mark.replayed }),
    });
    this.#moved();
  }

  #reset(reset: Reset): void {
    this.view.reset?.(reset);
    this.listener.onEvent({ name: RESET_EVENT, data: JSON.stringify(reset), lastEventId: "" });
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
      ? "let go while nobody sees the page"
      : `${error.code}: the client comes back`;
  }
  if (state !== "closed") return undefined;
  return error === undefined ? "The stream is complete." : `${error.code}: the client has given up`;
}
