import type { DependencyContainer } from "../container.js";
import type { Host } from "../injection/host.js";
import { gather, type Extractor } from "./arguments.js";
import { authorize, type Ask } from "./authorize.js";
import type { Context } from "./context.js";
import { intercept, type Intercept } from "./intercept.js";
import type { CheckAnswer } from "./plain-answer.js";
import type { Invocation } from "./route.js";

/** What all requests of a route share. */
export interface Steps {
  readonly guards: readonly Ask[];
  readonly extractors: readonly Extractor[];
  readonly interceptors: readonly Intercept[];
  readonly controller: (container: DependencyContainer) => object;
  readonly method: string | symbol;
  /** For the routes of verbs, which have no interceptors. */
  readonly check: CheckAnswer | undefined;
}

/** The steps of a route with the objects that they run on. */
export class RouteInvocation implements Invocation {
  readonly #steps: Steps;
  readonly #host: Host;

  constructor(steps: Steps, host: Host) {
    this.#steps = steps;
    this.#host = host;
  }

  authorize(ctx: Context): void | Promise<void> {
    return authorize(this.#steps.guards, ctx, this.#host.container);
  }

  arguments(ctx: Context): unknown[] | Promise<unknown[]> {
    return gather(this.#steps.extractors, ctx);
  }

  call(ctx: Context, args: readonly unknown[]): unknown {
    const { interceptors, check } = this.#steps;
    if (check !== undefined) {
      const value = this.#handle(args);
      // A reply of Fastify has a `then` too, and is no promise of an answer.
      return value instanceof Promise ? value.then(check) : check(value);
    }
    if (interceptors.length === 0) return this.#handle(args);
    return intercept(interceptors, () => this.#handle(args), ctx, this.#host.container);
  }

  dispose(): void | Promise<void> {
    // The application's objects outlive the request.
    if (this.#host.life === "request") return this.#host.dispose();
  }

  #handle(args: readonly unknown[]): unknown {
    const controller = this.#steps.controller(this.#host.container) as Methods;
    return controller[this.#steps.method]!(...args);
  }
}

type Methods = Record<string | symbol, (...args: readonly unknown[]) => unknown>;
