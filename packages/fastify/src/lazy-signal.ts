import type { CloseReason } from "@sluice/core";
import { closedError } from "./abort-error.js";

/** An abort signal that costs nothing until someone asks for it. */
export class LazySignal {
  #controller: AbortController | undefined;
  #reason: CloseReason | undefined;

  /** @param reason - why it is aborted already, if it is */
  constructor(reason?: CloseReason) {
    this.#reason = reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(closedError(this.#reason));
    }
    return this.#controller.signal;
  }

  /** Aborts the signal, also one that is asked for later. Called once. */
  abort(reason: CloseReason): void {
    this.#reason = reason;
    this.#controller?.abort(closedError(reason));
  }
}
