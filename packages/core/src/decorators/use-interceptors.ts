import { checkInterceptors, type InterceptorLike } from "../pipeline/interceptor.js";
import {
  decoratedMethod,
  METADATA,
  methodName,
  prepend,
  type ClassOrMethodDecorator,
} from "./metadata.js";

/**
 * Puts interceptors around sse routes, the first outermost. Those of a class stand around those of a
 * method; the verbs have none, so on a class it counts for its sse routes only.
 *
 * @throws SluiceError `ERR_INTERCEPTOR` when there is none, or one is undefined or not an interceptor
 */
export function UseInterceptors(
  ...interceptors: readonly InterceptorLike[]
): ClassOrMethodDecorator {
  return (target, method, descriptor) => {
    if (typeof target === "function" && method === undefined) {
      checkInterceptors(`${target.name}: @UseInterceptors`, interceptors);
      prepend(METADATA.interceptors, interceptors, target);
    } else {
      const decorated = decoratedMethod("@UseInterceptors", target, method, descriptor);
      const where = `${methodName(target.constructor, decorated.method)}: @UseInterceptors`;
      checkInterceptors(where, interceptors);
      prepend(METADATA.interceptors, interceptors, decorated.prototype, decorated.method);
    }
  };
}
