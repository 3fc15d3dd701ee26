import { key, type DependencyContainer } from "../container.js";
import { SluiceError } from "../errors.js";
import type { Graph } from "../injection/graph.js";
import type { SseSource } from "../source.js";
import type { Context } from "./context.js";
import {
  isInterceptorClass,
  type Interceptor,
  type InterceptorLike,
  type Next,
} from "./interceptor.js";

/** Runs one interceptor. */
export type Intercept = (
  ctx: Context,
  next: Next,
  container: DependencyContainer,
) => SseSource | Promise<SseSource>;

/** An interceptor before the objects that it needs are made. */
export interface PlannedInterceptor {
  /** Whether an object of its own is made for each request. */
  readonly perRequest: boolean;
  /** Call it when the singletons are there. */
  readonly bind: () => Intercept;
}

/**
 * Plans an interceptor and everything that it needs.
 *
 * @throws SluiceError what {@link Graph.planNamed} throws
 */
export function planInterceptor(
  graph: Graph,
  interceptor: InterceptorLike,
  where: string,
): PlannedInterceptor {
  if (isInterceptorClass(interceptor)) {
    const { scope, perRequest } = graph.planNamed(interceptor, where);
    return {
      perRequest,
      bind: () => {
        if (scope !== "singleton") {
          return (ctx, next, container) =>
            container.resolve(key<Interceptor>(interceptor)).intercept(ctx, next);
        }
        const instance = graph.resolve<Interceptor>(interceptor);
        return (ctx, next) => instance.intercept(ctx, next);
      },
    };
  }
  const intercept =
    typeof interceptor === "function"
      ? (interceptor as Intercept)
      : (ctx: Context, next: Next) => interceptor.intercept(ctx, next);
  return { perRequest: false, bind: () => intercept };
}

/** Runs interceptors, the first outermost, and the handler in the middle. */
export function intercept(
  interceptors: readonly Intercept[],
  handler: () => unknown,
  ctx: Context,
  container: DependencyContainer,
  index = 0,
): unknown {
  const current = interceptors[index];
  if (current === undefined) return handler();
  let called = false;
  const next: Next = async () => {
    if (called) {
      throw new SluiceError(
        "ERR_INTERCEPTOR",
        `${ctx.route.name}: an interceptor called next() twice. The handler runs once for a request.`,
      );
    }
    called = true;
    return (await intercept(interceptors, handler, ctx, container, index + 1)) as SseSource;
  };
  return current(ctx, next, container);
}
