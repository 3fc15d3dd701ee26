import {
  type ClientState,
  connect,
  type EventMap,
  type ReceivedEvent,
  type Reset,
  type SseClient,
  type SseClientError,
} from "@sluice/client";
import type { SseReduction, UseSseOptions } from "./options.js";
import type { UseSseResult } from "./result.js";

/** The options of any stream. */
export type StoreOptions = UseSseOptions<EventMap, unknown> &
  Partial<SseReduction<EventMap, unknown>>;

/** What is known of any stream. */
export type Snapshot = UseSseResult<EventMap, unknown>;

/**
 * One stream as an external store of one component. Making it does nothing: it connects while it is followed, and then
 * goes on from where it was.
 */
export class StreamStore {
  readonly identity: string;
  readonly #url: string;
  /** Those of the latest render that was committed. */
  #options: StoreOptions;
  readonly #initial: Snapshot;
  #snapshot: Snapshot;
  /** What the events have come to that are not in the snapshot yet. */
  #data: unknown;
  #events: ReceivedEvent[] = [];
  #lastEventId: string;
  /** Until those are told. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #client: SseClient | undefined;
  #isFollowed = false;
  #tell: () => void = nothing;

  constructor(identity: string, url: string, options: StoreOptions) {
    const { initialValue, lastEventId = "" } = options;
    this.identity = identity;
    this.#url = url;
    this.#options = options;
    this.#data = initialValue;
    this.#lastEventId = lastEventId;
    this.#initial = {
      data: initialValue,
      events: [],
      // What it is as soon as it is followed: told before, it makes no difference then.
      state: "connecting",
      error: undefined,
      retryAt: undefined,
      lastEventId,
      close: this.#close,
      reconnect: this.#reconnect,
    };
    this.#snapshot = this.#initial;
  }

  renew(options: StoreOptions): void {
    this.#options = options;
  }

  readonly read = (): Snapshot => this.#snapshot;

  readonly readInitial = (): Snapshot => this.#initial;

  /** Subscribes to changes, and has no connection. */
  readonly listen = (onChange: () => void): (() => void) => {
    this.#tell = onChange;
    return () => {
      this.#tell = nothing;
    };
  };

  /** Subscribes to changes, and has a connection until that ends, unless the stream is closed. */
  readonly follow = (onChange: () => void): (() => void) => {
    const stop = this.listen(onChange);
    this.#isFollowed = true;
    if (this.#snapshot.state !== "closed") this.#open();
    return () => {
      stop();
      this.#isFollowed = false;
      this.#leave();
      if (this.#snapshot.state !== "closed") this.#publish("connecting");
    };
  };

  readonly #close = (): void => {
    this.#leave();
    this.#publish("closed");
  };

  readonly #reconnect = (): void => {
    this.#leave();
    if (this.#isFollowed) this.#open();
    this.#publish("connecting");
  };

  #open(): void {
    // What has no ids comes again from the beginning.
    if (this.#lastEventId === this.#initial.lastEventId) this.#forget();
    const client: SseClient = connect(this.#url, {
      ...this.#options,
      lastEventId: this.#lastEventId,
      headers: () => {
        const { headers = {} } = this.#options;
        return typeof headers === "function" ? headers() : headers;
      },
      onReset: (reset) => this.#reset(reset, client),
      onStateChange: (state, { error, retryAt }) => this.#change(client, state, error, retryAt),
    });
    this.#client = client;
    // Each by itself: the handlers get what a reducer throws over.
    client.on((event) => this.#take(event, client.lastEventId));
    client.on((event) => this.#handle(event));
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#data = this.#initial.data;
    this.#events = [];
    this.#snapshot = this.#initial;
    this.#tell();
  }

  /** Closes the connection, which then has nothing more to say. */
  #leave(): void {
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    this.#lastEventId = client.lastEventId;
    client.close();
  }

  #change(
    client: SseClient,
    state: ClientState,
    error: SseClientError | undefined,
    retryAt: number | undefined,
  ): void {
    if (client !== this.#client) return;
    this.#lastEventId = client.lastEventId;
    if (state === "closed") this.#client = undefined;
    this.#publish(state, error, retryAt);
  }

  #take(event: ReceivedEvent, lastEventId: string): void {
    const { maxEvents = 100, reducer = latest } = this.#options;
    this.#lastEventId = lastEventId;
    this.#events.push(event);
    // Many may come before they are told.
    if (this.#events.length >= 2 * maxEvents) this.#events = lastOf(this.#events, maxEvents);
    this.#publishSoon();
    this.#data = reducer(this.#data, event);
  }

  #handle(event: ReceivedEvent): void {
    const { on = {}, onEvent } = this.#options;
    try {
      if (Object.hasOwn(on, event.event)) on[event.event]?.(event.data, event);
    } finally {
      onEvent?.(event);
    }
  }

  async #reset(reset: Reset, client: SseClient): Promise<void> {
    const data = await this.#options.onReset?.(reset);
    if (data === undefined || client !== this.#client) return;
    this.#data = data;
    this.#publishSoon();
  }

  /** Tells of all events together that come one right after the other. */
  #publishSoon(): void {
    this.#timer ??= setTimeout(() => {
      const { state, error, retryAt } = this.#snapshot;
      this.#publish(state as ClientState, error, retryAt);
    });
  }

  /** Makes a snapshot of what has come, where there is anything new. */
  #publish(state: ClientState, error?: SseClientError, retryAt?: number): void {
    const { maxEvents = 100 } = this.#options;
    const { state: before, error: cause } = this.#snapshot;
    const isPending = this.#timer !== undefined;
    if (!isPending && state === before && error === cause) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#snapshot = {
      ...this.#snapshot,
      data: this.#data,
      events: isPending ? lastOf(this.#events, maxEvents) : this.#snapshot.events,
      state,
      error,
      retryAt,
      lastEventId: this.#lastEventId,
    };
    this.#tell();
  }
}

function nothing(): void {}

function latest(_data: unknown, event: ReceivedEvent): unknown {
  return event.data;
}

function lastOf<T>(items: readonly T[], most: number): T[] {
  return most > 0 ? items.slice(-most) : [];
}
