// The bridge to tsyringe. It asks for a polyfill of metadata, which must be there before it.
import "reflect-metadata";
import { createRequire } from "node:module";
import {
  container as globalContainer,
  inject,
  type DependencyContainer,
  type InjectionToken,
} from "tsyringe";
import type { Class, Token } from "./injection/provider.js";

export { globalContainer, type DependencyContainer };

/** A parameter of a constructor, as the compiler and the decorators described it. */
export interface ConstructorParameter {
  /** What to inject: a class or another token, or whatever the compiler left in its place. */
  readonly token: unknown;
  /** It may be missing: it has a default value, or tsyringe's `isOptional`. */
  readonly optional: boolean;
  /** Finds it through a container, where tsyringe's decorators ask for more than one object. */
  readonly find: ((container: DependencyContainer) => unknown) | undefined;
}

/** What tsyringe's decorators leave in place of a type. */
interface Descriptor {
  readonly token: InjectionToken;
  readonly multiple?: boolean;
  readonly isOptional?: boolean;
  readonly transform?: InjectionToken<{
    transform(incoming: unknown, ...args: unknown[]): unknown;
  }>;
  readonly transformArgs?: readonly unknown[];
}

/** Leaves the token of a constructor's parameter where tsyringe looks for it. */
export function injectParameter(token: Token, target: object, index: number): void {
  inject(token as InjectionToken)(target, undefined, index);
}

/**
 * What a class's constructor takes; of the nearest base's constructor if it has none itself.
 *
 * @returns undefined when there are parameters and nothing is known of them
 */
export function constructorParameters(target: Class): readonly ConstructorParameter[] | undefined {
  for (let link: unknown = target; isConstructor(link); link = Object.getPrototypeOf(link)) {
    const types = Reflect.getOwnMetadata("design:paramtypes", link) as unknown[] | undefined;
    const tokens = Reflect.getOwnMetadata("injectionTokens", link) as
      | Readonly<Record<number, unknown>>
      | undefined;
    if (types !== undefined || tokens !== undefined)
      return describe(link, types ?? [], tokens ?? {});
    if (link === target && link.length > 0) return undefined;
  }
  return [];
}

/**
 * Whether one of tsyringe's own decorators stands on a class. tsyringe keeps that in a map that it
 * does not export; without it, the metadata that the compiler emits for any decorator must do.
 */
export function isTsyringeClass(target: Class): boolean {
  return typeInfo?.has(target) ?? Reflect.hasOwnMetadata("design:paramtypes", target);
}

/** Makes a container ask `find` for a token. */
export function registerFinder(
  container: DependencyContainer,
  token: Token,
  find: (container: DependencyContainer) => unknown,
): void {
  container.register(token as InjectionToken, { useFactory: find });
}

/** Asks a container, or one of its parents. */
export function resolveFrom(container: DependencyContainer, token: Token): unknown {
  return container.resolve(token as InjectionToken);
}

/** Whether a container itself, or with `recursive` one of its parents, knows a token. */
export function isRegistered(
  container: DependencyContainer,
  token: Token,
  recursive = false,
): boolean {
  return container.isRegistered(token as InjectionToken, recursive);
}

/** The class behind tsyringe's `delay()`, which breaks a cycle; undefined for anything else. */
export function delayedClass(token: unknown): unknown {
  return typeof token === "object" && token !== null && "wrap" in token
    ? (token.wrap as () => unknown)()
    : undefined;
}

const typeInfo: ReadonlyMap<unknown, unknown> | undefined = (() => {
  try {
    const path = "tsyringe/dist/cjs/dependency-container.js";
    const module = createRequire(import.meta.url)(path) as { typeInfo?: unknown };
    return module.typeInfo instanceof Map ? module.typeInfo : undefined;
  } catch {
    return undefined;
  }
})();

function describe(
  target: Class,
  types: readonly unknown[],
  tokens: Readonly<Record<number, unknown>>,
): ConstructorParameter[] {
  const count = Math.max(types.length, target.length, ...Object.keys(tokens).map((i) => +i + 1));
  return Array.from({ length: count }, (_, index) => {
    const hasDefault = index >= target.length;
    const type = index in tokens ? tokens[index] : types[index];
    if (!isDescriptor(type)) return { token: type, optional: hasDefault, find: undefined };
    const optional = hasDefault || type.isOptional === true;
    return { token: type.token, optional, find: finder(type) };
  });
}

function isDescriptor(value: unknown): value is Descriptor {
  return typeof value === "object" && value !== null && "token" in value;
}

/** Does for a descriptor what tsyringe's own constructor of objects does. */
function finder({
  token,
  multiple,
  isOptional,
  transform,
  transformArgs,
}: Descriptor): ConstructorParameter["find"] {
  if (multiple !== true && transform === undefined) return undefined;
  return (container) => {
    const missing = isOptional === true && !container.isRegistered(token, true);
    const found: unknown =
      multiple === true
        ? missing
          ? []
          : container.resolveAll(token)
        : missing
          ? undefined
          : container.resolve(token);
    return transform === undefined
      ? found
      : container.resolve(transform).transform(found, ...(transformArgs ?? []));
  };
}

function isConstructor(value: unknown): value is Class {
  return typeof value === "function" && value !== Function.prototype;
}
