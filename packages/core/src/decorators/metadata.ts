import "reflect-metadata";
import { SluiceError } from "../errors.js";

/** A decorator of a method. */
export type MethodDecorator = (
  target: object,
  method: string | symbol,
  descriptor: PropertyDescriptor,
) => void;

/** A decorator of a class or of a method. */
export type ClassOrMethodDecorator = (
  target: object,
  method?: string | symbol,
  descriptor?: PropertyDescriptor,
) => void;

/** A method that was decorated, and how to call it in a message. */
export interface DecoratedMethod {
  readonly prototype: object;
  readonly method: string | symbol;
  readonly name: string;
}

/** The keys under which decorators leave their notes; the same in every copy of the package. */
export const METADATA = {
  controller: Symbol.for("sluice.controller"),
  guards: Symbol.for("sluice.guards"),
  injectable: Symbol.for("sluice.injectable"),
  interceptors: Symbol.for("sluice.interceptors"),
  parameters: Symbol.for("sluice.parameters"),
  routes: Symbol.for("sluice.routes"),
  run: Symbol.for("sluice.run"),
} as const;

/** `RoomsController.join`, as messages call a method. */
export function methodName(owner: { readonly name: string }, method: string | symbol): string {
  return `${owner.name}.${String(method)}`;
}

/**
 * Takes what a decorator was applied to, if it is a method of instances.
 *
 * @throws SluiceError `ERR_DECORATOR` for a static method, an accessor or a property
 */
export function decoratedMethod(
  decorator: string,
  target: object,
  method: string | symbol | undefined,
  descriptor: PropertyDescriptor | undefined,
): DecoratedMethod {
  refuseStandardDecorators(decorator, method);
  if (typeof target === "function") {
    throw new SluiceError(
      "ERR_DECORATOR",
      method === undefined
        ? `${decorator} belongs on a method, not on the class ${target.name}.`
        : `${decorator} can't stand on the static method ${methodName(target, method)}: handlers are methods of instances.`,
    );
  }
  const name = methodName(target.constructor, method!);
  if (typeof descriptor?.value !== "function") {
    const kind = descriptor === undefined ? "property" : "accessor";
    throw new SluiceError(
      "ERR_DECORATOR",
      `${decorator} can't stand on the ${kind} ${name}: write it as a method.`,
    );
  }
  return { prototype: target, method: method!, name };
}

/**
 * Takes the class that a decorator was applied to.
 *
 * @throws SluiceError `ERR_DECORATOR` when it is anything else
 */
export function decoratedClass(decorator: string, target: unknown, second: unknown): void {
  refuseStandardDecorators(decorator, second);
  if (typeof target !== "function" || second !== undefined) {
    throw new SluiceError("ERR_DECORATOR", `${decorator} belongs on a class.`);
  }
}

/**
 * Notices that a decorator was written without parentheses: what makes the decorator of a method or a
 * parameter gets what the decorator should.
 *
 * @param right - how it is written
 * @throws SluiceError `ERR_DECORATOR`
 */
export function refuseBareOnMember(
  decorator: string,
  first: unknown,
  second: unknown,
  right = `${decorator}()`,
): void {
  refuseStandardDecorators(decorator, second);
  if (typeof second !== "string" && typeof second !== "symbol") return;
  if (typeof first === "function") throw bare(decorator, methodName(first, second), right);
  if (typeof first === "object" && first !== null) {
    throw bare(decorator, methodName(first.constructor, second), right);
  }
}

/** As {@link refuseBareOnMember}, for the decorators of classes. */
export function refuseBareOnClass(decorator: string, first: unknown): void {
  if (typeof first === "function") throw bare(decorator, first.name, `${decorator}()`);
}

function bare(decorator: string, name: string, right: string): SluiceError {
  return new SluiceError(
    "ERR_DECORATOR",
    `${name}: ${decorator} has no parentheses. Write ${right}.`,
  );
}

/** The decorators of ECMAScript hand a context object where TypeScript's give the method's name. */
function refuseStandardDecorators(decorator: string, second: unknown): void {
  if (typeof second === "object" && second !== null && "kind" in second) {
    throw new SluiceError(
      "ERR_DECORATOR",
      `${decorator} was called as a standard decorator, which knows no parameters and no types. Turn on "experimentalDecorators" and "emitDecoratorMetadata" in the tsconfig.`,
    );
  }
}

/** Puts items before those that are there: decorators run from the bottom up and are read top-down. */
export function prepend(
  key: symbol,
  items: readonly unknown[],
  target: object,
  method?: string | symbol,
): void {
  const there = own<readonly unknown[]>(key, target, method) ?? [];
  define(key, [...items, ...there], target, method);
}

/** What a class, or a prototype and its method, and each of its bases carry, the base's first. */
export function collect<T>(key: symbol, target: object, method?: string | symbol): T[] {
  const lists: (readonly T[])[] = [];
  for (const link of chain(target)) lists.unshift(own<readonly T[]>(key, link, method) ?? []);
  return lists.flat();
}

/** The nearest of a class or prototype and its bases that carries a note itself. */
export function nearest(key: symbol, target: object, method?: string | symbol): object | undefined {
  return chain(target).find((link) => own(key, link, method) !== undefined);
}

/** The note that a class, or a prototype and its method, carry themselves. */
export function own<T>(key: unknown, target: object, method?: string | symbol): T | undefined {
  return (
    method === undefined
      ? Reflect.getOwnMetadata(key, target)
      : Reflect.getOwnMetadata(key, target, method)
  ) as T | undefined;
}

export function define(
  key: symbol,
  value: unknown,
  target: object,
  method?: string | symbol,
): void {
  if (method === undefined) Reflect.defineMetadata(key, value, target);
  else Reflect.defineMetadata(key, value, target, method);
}

/** A class and its bases, or a prototype and its bases, the nearest first. */
export function chain(target: object): object[] {
  const links: object[] = [];
  for (
    let link: object | null = target;
    link !== null && link !== Function.prototype && link !== Object.prototype;
    link = Object.getPrototypeOf(link) as object | null
  ) {
    links.push(link);
  }
  return links;
}
