import { injectParameter, markInjectable } from "../container.js";
import { SluiceError } from "../errors.js";
import { isScope, tokenName, type Class, type Scope, type Token } from "../injection/provider.js";
import { show } from "../show.js";
import { decoratedClass, define, METADATA, own, refuseBareOnClass } from "./metadata.js";

export interface InjectableOptions {
  /**
   * How long an object of the class lives.
   * @defaultValue `"singleton"`
   */
  readonly scope?: Scope;
}

/**
 * Makes a class one that is injected where a constructor names it as a type.
 *
 * @throws SluiceError `ERR_OPTION`, `ERR_DECORATOR`
 */
export function Injectable(options: InjectableOptions = {}): (target: Class) => void {
  refuseBareOnClass("@Injectable", options);
  return (target: Class, second?: unknown) => {
    decoratedClass("@Injectable", target, second);
    for (const [option, value] of Object.entries(options)) {
      if (option !== "scope" || !(value === undefined || isScope(value))) {
        throw new SluiceError(
          "ERR_OPTION",
          `${tokenName(target)}: @Injectable takes { scope: "singleton" | "request" | "transient" }, not ${option}: ${show(value)}.`,
        );
      }
    }
    define(METADATA.injectable, { scope: options.scope }, target);
    markInjectable(target);
  };
}

/**
 * Injects what is provided for a token, where a type says too little: an interface, a string, a
 * number.
 *
 * @throws SluiceError `ERR_DECORATOR` when it is not a constructor's parameter, or the token is
 *   undefined
 */
export function Inject(token: Token) {
  return (target: object, method: string | symbol | undefined, index: number): void => {
    if (method !== undefined || typeof target !== "function") {
      throw new SluiceError(
        "ERR_DECORATOR",
        `@Inject belongs on a parameter of a constructor, not on one of ${target.constructor.name}.${String(method)}.`,
      );
    }
    if (token === undefined) {
      throw new SluiceError(
        "ERR_DECORATOR",
        `${target.name}: the token of @Inject on constructor parameter ${index + 1} is undefined: its module is probably part of a circular import.`,
      );
    }
    injectParameter(token, target, index);
  };
}

/** What `@Injectable` on the class itself said. */
export function injectableMetadata(target: object): InjectableOptions | undefined {
  return own<InjectableOptions>(METADATA.injectable, target);
}
