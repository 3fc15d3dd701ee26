import { controllerMetadata } from "../decorators/controller.js";
import { injectableMetadata } from "../decorators/injectable.js";
import { isClass, type Class, type Scope } from "./provider.js";

/** Whether a class says by a decorator of Sluice's that it can be injected. */
export function isMarked(token: unknown): token is Class {
  return (
    isClass(token) &&
    (injectableMetadata(token) !== undefined || controllerMetadata(token) !== undefined)
  );
}

/** The scope that a class's decorators say; undefined for a controller's, which follows its needs. */
export function scopeOf(target: Class): Scope | undefined {
  const injectable = injectableMetadata(target);
  const controller = controllerMetadata(target);
  if (controller === undefined) return injectable?.scope ?? "singleton";
  const scope = controller.scope ?? injectable?.scope;
  // There is nothing that could ask for a controller twice in one request.
  return scope === "transient" ? "request" : scope;
}
