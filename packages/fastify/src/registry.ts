import type { ServerResponse } from "node:http";
import type { Connection } from "./connection.js";

/** The connections of one plugin registration, and the responses that are on their way out. */
export class Registry {
  /** The server is closing: no stream opens any more. */
  draining = false;
  readonly #live = new Set<Connection>();
  readonly #finishing = new Set<ServerResponse>();
  #onIdle: (() => void) | undefined;

  get live(): ReadonlySet<Connection> {
    return this.#live;
  }

  /** Responses that were ended and whose last byte is not out yet. */
  get finishing(): ReadonlySet<ServerResponse> {
    return this.#finishing;
  }

  add(connection: Connection): void {
    this.#live.add(connection);
  }

  delete(connection: Connection): void {
    this.#live.delete(connection);
    this.#check();
  }

  /** Keeps track of a response that is ended, until its last byte is out. */
  finish(response: ServerResponse): void {
    this.#finishing.add(response);
    response.once("close", () => {
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
