import type { ServerResponse } from "node:http";
import { encodeRetry } from "@sluice/core";
import type { Connection } from "./connection.js";
import { watchDeparture } from "./departure.js";

/** The connections of one plugin registration, and the responses that are on their way out. */
export class Registry {
  readonly #live = new Set<Connection>();
  readonly #finishing = new Set<ServerResponse>();
  #window: number | undefined;
  #onIdle: (() => void) | undefined;

  get live(): ReadonlySet<Connection> {
    return this.#live;
  }

  /** Responses that were ended and whose last byte is not out yet. */
  get finishing(): ReadonlySet<ServerResponse> {
    return this.#finishing;
  }

  /** The server is closing: no stream opens any more. */
  get isDraining(): boolean {
    return this.#window !== undefined;
  }

  /** @param window - how long the responses may take to get out, in milliseconds */
  drain(window: number): void {
    this.#window = window;
  }

  /**
   * What a client reads last when the server closes: when to come back. That is a whole window later, for
   * this server answers 503 until then, and spread over as long again.
   */
  farewell(): string {
    return encodeRetry(Math.round((this.#window ?? 0) * (1 + Math.random())) + 1);
  }

  add(connection: Connection): void {
    this.#live.add(connection);
  }

  delete(connection: Connection): void {
    this.#live.delete(connection);
    this.#check();
  }

  /**
   * Keeps track of a response that is ended, until its last byte is out or its client has left.
   *
   * @param deadline - after how long a client that does not take the rest is cut off, in milliseconds
   */
  finish(response: ServerResponse, deadline: number | undefined): void {
    this.#finishing.add(response);
    const timer =
      deadline === undefined ? undefined : setTimeout(() => response.destroy(), deadline).unref();
    watchDeparture(response, () => {
      clearTimeout(timer);
      this.#finishing.delete(response);
      this.#check();
    });
  }

  /** Resolves when no connection and no response is left. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#check();
    });
  }

  #check(): void {
    if (this.#live.size === 0 && this.#finishing.size === 0) this.#onIdle?.();
  }
}
