// The bridge to tsyringe. It asks for a polyfill of metadata, which must be there before it.
import "reflect-metadata";
import {
  container as globalContainer,
  inject,
  injectable,
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
  /** What it takes when it is missing. */
  readonly missing: unknown;
  /** Finds it as tsyringe's decorators say: one object, all that there are, or a transformed one. */
  readonly find: (container: DependencyContainer) => unknown;
}

/** What tsyringe's decorators leave in place of a type. */
interface Descriptor {
  readonly token: unknown;
  readonly multiple?: boolean;
  readonly isOptional?: boolean;
  readonly transform?: InjectionToken<{
    transform(incoming: unknown, ...args: unknown[]): unknown;
  }>;
  readonly transformArgs?: readonly unknown[];
}

/** A token as tsyringe's types want it, which know no abstract classes. */
export function key<T>(token: Token<T>): InjectionToken<T> {
  return token as InjectionToken<T>;
}

/** Makes a class known to tsyringe, for containers in which Sluice registers nothing. */
export function markInjectable(target: Class): void {
  injectable()(target);
}

/** Leaves the token of a constructor's parameter where tsyringe looks for it. */
export function injectParameter(token: Token, target: object, index: number): void {
  inject(key(token))(target, undefined, index);
}

/**
 * What a class's constructor takes; of the nearest base's constructor if it has none itself.
 *
 * @returns undefined when there are parameters and nothing is known of them
 */
export function constructorParameters(target: Class): readonly ConstructorParameter[] | undefined {
  for (let link: unknown = target; isConstructor(link); link = Object.getPrototypeOf(link)) {
    const { types, tokens } = metadataOf(link);
    if (types !== undefined || tokens !== undefined)
      return describe(link, types ?? [], tokens ?? {});
    if (link === target && link.length > 0) return undefined;
  }
  return [];
}

/**
 * Whether a class has a constructor and tsyringe's `@injectable()`, which writes the tokens of the
 * parameters over their types. A class without a constructor shows no trace of it.
 */
export function isTsyringeClass(target: Class): boolean {
  const { types, tokens = {} } = metadataOf(target);
  return types !== undefined && Object.keys(tokens).every((i) => types[+i] === tokens[+i]);
}

/** The class behind tsyringe's `delay()`, which breaks a cycle; undefined for anything else. */
export function delayedClass(token: unknown): unknown {
  return typeof token === "object" && token !== null && "wrap" in token
    ? (token.wrap as () => unknown)()
    : undefined;
}

function metadataOf(target: Class) {
  return {
    types: Reflect.getOwnMetadata("design:paramtypes", target) as unknown[] | undefined,
    tokens: Reflect.getOwnMetadata("injectionTokens", target) as
      | Record<number, unknown>
      | undefined,
  };
}

function describe(
  target: Class,
  types: readonly unknown[],
  tokens: Readonly<Record<number, unknown>>,
): ConstructorParameter[] {
  const count = Math.max(types.length, target.length, ...Object.keys(tokens).map((i) => +i + 1));
  return Array.from({ length: count }, (_, index) => {
    const hasDefault = index >= target.length;
    const type = index in tokens ? tokens[index] : types[index];
    const descriptor: Descriptor = isDescriptor(type) ? type : { token: type };
    const { token, multiple = false, isOptional = false } = descriptor;
    const { transform, transformArgs = [] } = descriptor;
    return {
      token,
      optional: hasDefault || isOptional,
      missing: multiple && !hasDefault ? [] : undefined,
      find: (container) => {
        const wanted = key(token as Token);
        const found = multiple ? container.resolveAll(wanted) : container.resolve(wanted);
        if (transform === undefined) return found;
        return container.resolve(transform).transform(found, ...transformArgs);
      },
    };
  });
}

function isDescriptor(value: unknown): value is Descriptor {
  return typeof value === "object" && value !== null && "token" in value;
}

function isConstructor(value: unknown): value is Class {
  return typeof value === "function" && value !== Function.prototype;
}
