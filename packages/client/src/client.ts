/// <reference lib="esnext.disposable" preserve="true" />
import { type EventMap, POSITION_EVENT, type Reset, RESET_EVENT } from "@sluice/protocol";
import { SseClientError } from "./errors.js";
import { EventQueue, type QueueOwner } from "./event-queue.js";
import type { ReceivedEvent, ReceivedEventOf } from "./events.js";
import type { ClientState, Line, LineTarget, Message, OpenLine } from "./line.js";
import type { ClientOptions } from "./options.js";
import { type Parse, readJson } from "./payload.js";

/** A stream that is followed: loop over it, or be called for its events. */
export interface SseClient<M extends EventMap = EventMap> extends AsyncIterable<ReceivedEvent<M>> {
  readonly url: string;
  readonly state: ClientState;
  /** Why the client waits or, where it has been given up, why that was; undefined while all is well. */
  readonly error: SseClientError | undefined;
  /** When the next attempt is made, in milliseconds since 1970; undefined when none is planned. */
  readonly retryAt: number | undefined;
  /** The id of the last event that was taken; empty for none. The next attempt resumes from it. */
  readonly lastEventId: string;
  /** Resolves when the stream is complete or was closed here; rejects with the `error` when it is given up. */
  readonly closed: Promise<void>;
  /**
   * Calls a function for each event of a name. Nothing is read before the first listener or loop is there.
   *
   * @returns a function that ends it
   */
  on<N extends keyof M & string>(
    name: N,
    listener: (data: M[N], event: ReceivedEventOf<M, N>) => void,
  ): () => void;
  /** Calls a function for every event. */
  on(listener: (event: ReceivedEvent<M>) => void): () => void;
  /** Closes the connection. Loops over the client end. It needs no `this`. */
  readonly close: () => void;
  /** Loops over the events from now on. Leaving the loop closes the client, unless others still listen. */
  [Symbol.asyncIterator](): AsyncIterator<ReceivedEvent<M>, undefined>;
  /** Closes the connection. */
  [Symbol.dispose](): void;
}

type Listener = (event: ReceivedEvent) => void;

/** The settings that have been checked. */
export type ClientSettings = ClientOptions & {
  readonly parse?: { readonly [name: string]: Parse<unknown> };
};

/** Takes the messages of a line to those who listen, one after the other. */
export class Client implements SseClient, LineTarget, QueueOwner<ReceivedEvent> {
  readonly url: string;
  readonly closed: Promise<void>;
  state: ClientState = "connecting";
  error: SseClientError | undefined;
  retryAt: number | undefined;
  lastEventId: string;
  readonly #options: ClientSettings;
  readonly #parse: ReadonlyMap<string, Parse<unknown>>;
  readonly #line: Line;
  readonly #listeners = new Set<Listener>();
  readonly #queues = new Set<EventQueue<ReceivedEvent>>();
  #settle!: (result: Promise<never> | undefined) => void;
  /** Whether anyone has ever listened. */
  #hasBegun = false;
  /** Takes the message that is held up, if the loops are far enough for it. */
  #unjam: (() => void) | undefined;

  constructor(url: string, options: ClientSettings, open: OpenLine) {
    const { lastEventId = "", onStateChange, signal } = options;
    this.url = url;
    this.lastEventId = lastEventId;
    this.#options = options;
    // Names come from the server, and an object has more of them (`constructor`) than it was given.
    this.#parse = new Map(Object.entries(options.parse ?? {}));
    this.closed = new Promise((settle) => (this.#settle = settle));
    if (onStateChange !== undefined) this.#watch();
    this.#line = open(this);
    signal?.addEventListener("abort", this.close);
    if (signal?.aborted === true) this.close();
  }

  on(first: string | Listener, second?: (data: never, event: never) => void): () => void {
    const listener: Listener =
      typeof first === "function"
        ? (event) => first(event)
        : (event) => {
            if (event.event === first) second?.(event.data as never, event as never);
          };
    this.#listeners.add(listener);
    this.#begin();
    return () => void this.#listeners.delete(listener);
  }

  [Symbol.asyncIterator](): AsyncIterator<ReceivedEvent, undefined> {
    const queue = new EventQueue(this);
    if (this.state === "closed") queue.end(this.error);
    else this.#queues.add(queue);
    this.#watch();
    this.#begin();
    return queue;
  }

  readonly close = (): void => this.#end();

  [Symbol.dispose](): void {
    this.close();
  }

  change(state: ClientState, error?: SseClientError, retryAt?: number): void {
    this.state = state;
    this.error = error;
    this.retryAt = retryAt;
    if (state === "closed") {
      for (const queue of this.#queues) queue.end(error);
      this.#queues.clear();
      this.#listeners.clear();
      this.#options.signal?.removeEventListener("abort", this.close);
      // Who begins to loop later sees it then.
      if (!this.#hasBegun) this.#watch();
      this.#settle(error && Promise.reject(error));
    }
    call(this.#options.onStateChange, state, this);
  }

  take(message: Message): void | Promise<void> {
    // Events that come before a reset are dealt with before it is told.
    const most = message.event === RESET_EVENT ? 0 : (this.#options.maxBuffered ?? 256);
    if (this.#isClear(most)) return this.#receive(message);
    // It goes on when the turn is over in which a loop or a listener made way: more of them may come in it.
    return new Promise<void>((go) => {
      this.#unjam = () => this.#isClear(most) && go();
    }).then(() => this.#receive(message));
  }

  pulled(): void {
    this.#unjam?.();
  }

  left(queue: EventQueue<ReceivedEvent>): void {
    this.#queues.delete(queue);
    if (this.#queues.size + this.#listeners.size === 0) this.close();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.pulled();
  }

  #isClear(most: number): boolean {
    for (const { backlog } of this.#queues) if (backlog > most) return false;
    return this.#hasBegun;
  }

  #receive({ event = "message", data, id }: Message): void | Promise<void> {
    if (this.state === "closed") return;
    if (event === RESET_EVENT) return this.#reset(data, id);
    if (event === POSITION_EVENT) return this.#moveTo(id);
    try {
      const value = (this.#parse.get(event) ?? readJson)(data);
      if (!(value instanceof Promise)) return this.#deliver({ event, data: value, id });
      return value.then(
        (data: unknown) => this.#deliver({ event, data, id }),
        (cause: unknown) => this.#refuse(event, cause),
      );
    } catch (cause) {
      this.#refuse(event, cause);
    }
  }

  #deliver(event: ReceivedEvent): void {
    this.#moveTo(event.id);
    // Who is added by a listener hears from the next one on; who is removed by one hears nothing more.
    for (const listener of Array.from(this.#listeners)) {
      if (this.#listeners.has(listener)) call(listener, event);
    }
    for (const queue of this.#queues) queue.push(event);
  }

  #moveTo(id: string | undefined): void {
    // While data was read, or `onReset` was at work, it may have been closed: that was not taken.
    if (id !== undefined && this.state !== "closed") this.lastEventId = id;
  }

  async #reset(data: string, id: string | undefined): Promise<void> {
    const { onReset } = this.#options;
    if (onReset === undefined) {
      // oxlint-disable-next-line no-console -- nobody else would say it
      console.warn(`${this.url}: events are missing: ${data} (see onReset)`);
    }
    try {
      await onReset?.(JSON.parse(data) as Reset, this);
    } catch (cause) {
      const message = `${this.url}: onReset failed: ${String(cause)}`;
      throw new SseClientError("ERR_RESET", message, { cause });
    }
    this.#moveTo(id);
  }

  /** The data of an event can't be read: what is to come would be no better. */
  #refuse(event: string, cause: unknown): void {
    const message = `${this.url}: the data of ${event} can't be read: ${String(cause)}`;
    this.#end(new SseClientError("ERR_INVALID_EVENT", message, { cause }));
  }

  #end(error?: SseClientError): void {
    if (this.state === "closed") return;
    this.#line.close();
    this.change("closed", error);
  }

  /** An error will be seen, and is no unhandled rejection. */
  #watch(): void {
    this.closed.catch(() => {});
  }
}

/** What an application's function throws is its own, and goes where uncaught errors go. */
function call<A extends unknown[]>(callback: ((...args: A) => void) | undefined, ...args: A): void {
  try {
    callback?.(...args);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
