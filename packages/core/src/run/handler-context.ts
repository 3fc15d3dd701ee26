import type { Context } from "../pipeline/context.js";
import { NO_EVENTS } from "./previous-events.js";
import type { RunContext } from "./run-context.js";

/**
 * What a run's handler and interceptors see of the request that started it: all of it, but that its
 * signal is the run's, and that it comes without a cursor, for a run starts at the beginning.
 */
export class HandlerContext implements RunContext {
  readonly lastEventId = undefined;
  /** Set before the handler is called. */
  previous: RunContext["previous"] = NO_EVENTS;
  readonly #base: Context;
  #controller: AbortController | undefined;
  #reason: string | undefined;

  constructor(base: Context) {
    this.#base = base;
  }

  /** Aborted when the run ends, whoever has left before. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(abortError(this.#reason));
    }
    return this.#controller.signal;
  }

  /** Aborts the signal, also one that is asked for later. Called once. */
  abort(reason: string): void {
    this.#reason = reason;
    this.#controller?.abort(abortError(reason));
  }

  get request(): Context["request"] {
    return this.#base.request;
  }

  get reply(): Context["reply"] {
    return this.#base.reply;
  }

  get params(): Context["params"] {
    return this.#base.params;
  }

  get query(): Context["query"] {
    return this.#base.query;
  }

  get headers(): Context["headers"] {
    return this.#base.headers;
  }

  get body(): unknown {
    return this.#base.body;
  }

  get cookies(): Context["cookies"] {
    return this.#base.cookies;
  }

  get ip(): string {
    return this.#base.ip;
  }

  get principal(): string | undefined {
    return this.#base.principal;
  }

  get connection(): Context["connection"] {
    return this.#base.connection;
  }

  get route(): Context["route"] {
    return this.#base.route;
  }
}

/** It has no stack, which would hold the request for as long as a handler that is stuck holds the signal. */
function abortError(reason: string): DOMException {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new DOMException(reason, "AbortError");
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
