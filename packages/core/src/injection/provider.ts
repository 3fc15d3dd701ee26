import { SluiceError } from "../errors.js";
import { show } from "../show.js";

/** A class that can be made. */
export type Class<T = unknown> = new (...args: never[]) => T;

/** What an object is asked for by: a class (it may be abstract), a string or a symbol. */
export type Token<T = unknown> = string | symbol | (abstract new (...args: never[]) => T);

/**
 * How long an object lives: one for the application, one for each request, or one for each object
 * that asks.
 */
export type Scope = "singleton" | "request" | "transient";

/** Finds the object that a token stands for. */
export type Resolve = <T>(token: Token<T>) => T;

export interface ValueProvider<T = unknown> {
  readonly provide: Token<T>;
  readonly useValue: T;
}

export interface ClassProvider<T = unknown> {
  readonly provide: Token<T>;
  readonly useClass: Class<T>;
  /** @defaultValue what `@Injectable()` on the class says, else `"singleton"` */
  readonly scope?: Scope;
}

export interface FactoryProvider<T = unknown> {
  readonly provide: Token<T>;
  readonly useFactory: (resolve: Resolve) => T;
  /** @defaultValue `"singleton"` */
  readonly scope?: Scope;
}

/**
 * Where the object behind a token comes from. A class alone stands for itself.
 */
export type Provider<T = unknown> =
  | Class
  | ValueProvider<T>
  | ClassProvider<T>
  | FactoryProvider<T>;

const SCOPES: readonly unknown[] = ["singleton", "request", "transient"] satisfies Scope[];

/** Whether a value is one of the three scopes. */
export function isScope(value: unknown): value is Scope {
  return SCOPES.includes(value);
}

/** Whether a value was written as a class, which can't be called without `new`. */
export function isClass(value: unknown): value is Class {
  return (
    typeof value === "function" &&
    Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false
  );
}

/** The name of a token, for messages. */
export function tokenName(token: unknown): string {
  if (typeof token === "function")
    return token.name === "" ? "(a class without a name)" : token.name;
  if (typeof token === "string") return JSON.stringify(token);
  return String(token);
}

/**
 * Refuses a provider that could only fail later.
 *
 * @throws SluiceError `ERR_PROVIDER`
 */
export function checkProvider(provider: unknown, index: number): asserts provider is Provider {
  if (isClass(provider)) return;
  const where = `providers[${index}]`;
  if (typeof provider !== "object" || provider === null) {
    throw new SluiceError(
      "ERR_PROVIDER",
      `${where} is ${provider === undefined ? "undefined: its module is probably part of a circular import" : "not a provider"}. Give a class or { provide, useValue | useClass | useFactory }.`,
    );
  }
  const { provide, scope, useClass, useFactory } = provider as Record<string, unknown>;
  if (typeof provide !== "string" && typeof provide !== "symbol" && typeof provide !== "function") {
    throw new SluiceError(
      "ERR_PROVIDER",
      `${where}: provide must be a class, a string or a symbol, not ${show(provide)}.`,
    );
  }
  const name = `${where} (${tokenName(provide)})`;
  const ways = ["useValue", "useClass", "useFactory"].filter((way) => Object.hasOwn(provider, way));
  if (ways.length !== 1) {
    throw new SluiceError(
      "ERR_PROVIDER",
      `${name} needs exactly one of useValue, useClass and useFactory, not ${ways.join(" and ") || "none"}.`,
    );
  }
  if ("useClass" in provider && !isClass(useClass)) {
    throw new SluiceError(
      "ERR_PROVIDER",
      `${name}: useClass must be a class, not ${show(useClass)}.`,
    );
  }
  if ("useFactory" in provider && typeof useFactory !== "function") {
    throw new SluiceError("ERR_PROVIDER", `${name}: useFactory must be a function.`);
  }
  if (scope !== undefined && ("useValue" in provider || !isScope(scope))) {
    throw new SluiceError(
      "ERR_PROVIDER",
      "useValue" in provider
        ? `${name}: a value has no scope.`
        : `${name}: scope must be "singleton", "request" or "transient", not ${show(scope)}.`,
    );
  }
}
