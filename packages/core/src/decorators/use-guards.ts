import { checkGuards, type GuardLike } from "../pipeline/guard.js";
import {
  decoratedMethod,
  METADATA,
  methodName,
  prepend,
  type ClassOrMethodDecorator,
} from "./metadata.js";

/**
 * Lets requests through only if each guard does. On a class it counts for all its routes; a class's
 * guards are asked before a method's, a base class's before its own, and several decorators in the
 * order in which they are read.
 *
 * @throws SluiceError `ERR_GUARD` when there is none, or one is undefined or not a guard
 */
export function UseGuards(...guards: readonly GuardLike[]): ClassOrMethodDecorator {
  return (target, method, descriptor) => {
    if (typeof target === "function" && method === undefined) {
      checkGuards(`${target.name}: @UseGuards`, guards);
      prepend(METADATA.guards, guards, target);
    } else {
      const decorated = decoratedMethod("@UseGuards", target, method, descriptor);
      checkGuards(`${methodName(target.constructor, decorated.method)}: @UseGuards`, guards);
      prepend(METADATA.guards, guards, decorated.prototype, decorated.method);
    }
  };
}
