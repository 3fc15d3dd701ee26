import { HandlerContext } from "../run/handler-context.js";
import type { RunSettings } from "../run/run-options.js";
import { placeOfRequest } from "../run/run-place.js";
import type { Runs } from "../run/runs.js";
import type { Context } from "./context.js";
import type { SseOptions } from "./route-options.js";
import type { Invocation } from "./route.js";

/** What all requests of a route with `@Run` share. */
export interface RunPlan {
  /** The handler, as `Class.method`. */
  readonly name: string;
  readonly runs: Runs;
  readonly settings: RunSettings;
  readonly onError: SseOptions["onError"];
  /** The steps for a request, or for all of them, with what was made for it. */
  readonly invocation: (ctx: Context) => Invocation;
}

/**
 * A request for a run. Its guards are asked and its arguments found like any other's; it calls the
 * handler only if it is the first for the key. What was made for it lives as long as both the
 * connection and the run that it has started.
 */
export class RunInvocation implements Invocation {
  readonly #plan: RunPlan;
  readonly #context: HandlerContext;
  readonly #inner: Invocation;
  /** The connection, and the run if it starts one. */
  #users = 1;

  constructor(plan: RunPlan, ctx: Context) {
    this.#plan = plan;
    this.#context = new HandlerContext(ctx);
    this.#inner = plan.invocation(this.#context);
  }

  authorize(ctx: Context): void | Promise<void> {
    return this.#inner.authorize(ctx);
  }

  arguments(): unknown[] | Promise<unknown[]> {
    return this.#inner.arguments(this.#context);
  }

  /** @throws SluiceError `ERR_RUN_KEY`; RunLimitError; HttpError 503; what the store throws */
  async call(ctx: Context, args: readonly unknown[]): Promise<unknown> {
    const { name, runs, settings, onError } = this.#plan;
    const place = placeOfRequest(name, settings, ctx);
    let isStarted = false;
    this.#users++;
    try {
      return await runs.enter(place, settings, {
        route: name,
        context: this.#context,
        call: () => {
          isStarted = true;
          return this.#inner.call(this.#context, args);
        },
        onError,
        dispose: () => this.dispose(),
      });
    } finally {
      if (!isStarted) await this.dispose();
    }
  }

  dispose(): void | Promise<void> {
    if (--this.#users === 0) return this.#inner.dispose();
  }
}

/** A request that follows a run, and never starts one. */
export class AttachInvocation implements Invocation {
  readonly #plan: RunPlan;
  readonly #inner: Invocation;

  constructor(plan: RunPlan, ctx: Context) {
    this.#plan = plan;
    this.#inner = plan.invocation(ctx);
  }

  authorize(ctx: Context): void | Promise<void> {
    return this.#inner.authorize(ctx);
  }

  /** What of the path the handler asks for is checked, though it is not called. */
  arguments(ctx: Context): unknown[] | Promise<unknown[]> {
    return this.#inner.arguments(ctx);
  }

  /** @throws HttpError 404, `ERR_NO_RUN`; SluiceError `ERR_RUN_KEY`; what the store throws */
  async call(ctx: Context): Promise<unknown> {
    const { name, runs, settings } = this.#plan;
    return runs.enter(placeOfRequest(name, settings, ctx), settings);
  }

  dispose(): void | Promise<void> {
    return this.#inner.dispose();
  }
}
