import { SluiceError } from "../errors.js";
import type { Graph } from "../injection/graph.js";
import type { Host } from "../injection/host.js";
import type { SseSource } from "../source.js";
import type { Context } from "./context.js";
import {
  isInterceptorClass,
  type Interceptor,
  type InterceptorLike,
  type Next,
} from "./interceptor.js";

/** Runs one interceptor. */
export type Intercept = (ctx: Context, next: Next, host: Host) => SseSource | Promise<SseSource>;

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
 * @throws SluiceError what {@link Graph.named} throws
 */
export function planInterceptor(
  graph: Graph,
  interceptor: InterceptorLike,
  where: string,
): PlannedInterceptor {
  if (isInterceptorClass(interceptor)) {
    const node = graph.named(interceptor, where);
    return {
      perRequest: node.perRequest,
      bind: () => {
        if (node.scope !== "singleton") {
          return (ctx, next, host) => (node.get(host) as Interceptor).intercept(ctx, next);
        }
        const instance = node.get(graph.app) as Interceptor;
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
  host: Host,
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
    return (await intercept(interceptors, handler, ctx, host, index + 1)) as SseSource;
  };
  return current(ctx, next, host);
}
