import { markInjectable } from "../container.js";
import { SluiceError } from "../errors.js";
import { isScope, tokenName, type Class, type Scope } from "../injection/provider.js";
import { show } from "../show.js";
import { decoratedClass, define, METADATA, nearest, own, refuseBareOnClass } from "./metadata.js";

export interface ControllerOptions {
  /**
   * `"request"` makes a controller for each request.
   * @defaultValue `"singleton"`, or `"request"` where something that it needs lives for a request
   */
  readonly scope?: Scope;
}

export interface ControllerMetadata {
  readonly path: string;
  readonly scope: Scope | undefined;
}

/**
 * Makes a class one whose methods are routes.
 *
 * @param path - what the paths of its routes begin with
 * @throws SluiceError `ERR_OPTION`, `ERR_DECORATOR`
 */
export function Controller(path = "", options: ControllerOptions = {}): (target: Class) => void {
  refuseBareOnClass("@Controller", path);
  return (target: Class, second?: unknown) => {
    decoratedClass("@Controller", target, second);
    if (typeof path !== "string") {
      throw new SluiceError(
        "ERR_OPTION",
        `${tokenName(target)}: the path of @Controller must be a string, not ${show(path)}.`,
      );
    }
    for (const [option, value] of Object.entries(options)) {
      if (option !== "scope" || !(value === undefined || isScope(value))) {
        throw new SluiceError(
          "ERR_OPTION",
          `${tokenName(target)}: @Controller takes { scope: "singleton" | "request" | "transient" }, not ${option}: ${show(value)}.`,
        );
      }
    }
    const metadata: ControllerMetadata = { path, scope: options.scope };
    define(METADATA.controller, metadata, target);
    markInjectable(target);
  };
}

/** What `@Controller` on a class, or on the nearest of its bases, said. */
export function controllerMetadata(target: Class): ControllerMetadata | undefined {
  const owner = nearest(METADATA.controller, target);
  return owner === undefined ? undefined : own<ControllerMetadata>(METADATA.controller, owner);
}
