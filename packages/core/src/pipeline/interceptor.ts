import { SluiceError } from "../errors.js";
import { isClass, tokenName, type Class } from "../injection/provider.js";
import type { SseSource } from "../source.js";
import type { Context } from "./context.js";

/**
 * Runs the handler of an sse route, or what stands between. It may be called once.
 *
 * @throws SluiceError `ERR_INTERCEPTOR` at the second call
 */
export type Next = () => Promise<SseSource>;

/** Stands around the handlers of sse routes: it may change the source, or give one of its own. */
export interface Interceptor {
  intercept(ctx: Context, next: Next): SseSource | Promise<SseSource>;
}

export type InterceptorFunction = (ctx: Context, next: Next) => SseSource | Promise<SseSource>;

/** A class, which is injected, an instance, or a function. */
export type InterceptorLike = Class<Interceptor> | Interceptor | InterceptorFunction;

/** Whether an interceptor is to be made by injection: a class, by its method on the prototype. */
export function isInterceptorClass(
  interceptor: InterceptorLike,
): interceptor is Class<Interceptor> {
  return isClass(interceptor) && typeof interceptMethod(interceptor.prototype) === "function";
}

/**
 * Refuses what could only fail while a request is served.
 *
 * @param where - where the interceptors were named, for the error
 * @throws SluiceError `ERR_INTERCEPTOR`
 */
export function checkInterceptors(where: string, interceptors: readonly unknown[]): void {
  if (interceptors.length === 0) {
    throw new SluiceError(
      "ERR_INTERCEPTOR",
      `${where} names no interceptor. Name one, or take it away.`,
    );
  }
  for (const [index, interceptor] of interceptors.entries()) {
    const at = `${where}, interceptor ${index + 1}`;
    if (interceptor === undefined) {
      throw new SluiceError(
        "ERR_INTERCEPTOR",
        `${at} is undefined: its module is probably part of a circular import. Move the interceptor to a module of its own.`,
      );
    }
    const owner: unknown = isClass(interceptor) ? interceptor.prototype : interceptor;
    const isFunction = typeof interceptor === "function" && !isClass(interceptor);
    if (!isFunction && typeof interceptMethod(owner) !== "function") {
      throw new SluiceError(
        "ERR_INTERCEPTOR",
        `${at} (${isClass(interceptor) ? tokenName(interceptor) : typeof interceptor}) has no method intercept(ctx, next).`,
      );
    }
  }
}

function interceptMethod(owner: unknown): unknown {
  return (owner as Partial<Interceptor> | null)?.intercept;
}
