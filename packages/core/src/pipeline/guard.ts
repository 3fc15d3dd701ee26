import { SluiceError } from "../errors.js";
import { isClass, tokenName, type Class } from "../injection/provider.js";
import type { Context } from "./context.js";

/** Decides whether a request may go on. Only `true` lets it pass. */
export interface Guard {
  canActivate(ctx: Context): boolean | Promise<boolean>;
}

export type GuardFunction = (ctx: Context) => boolean | Promise<boolean>;

/** Guards that were put together with {@link every}, {@link some} or {@link not}. */
export class GuardExpression {
  /** @internal */
  constructor(
    readonly operator: "every" | "some" | "not",
    readonly guards: readonly GuardLike[],
  ) {}
}

/** A class, which is injected, an instance, a function, or several put together. */
export type GuardLike = Class<Guard> | Guard | GuardFunction | GuardExpression;

/** Passes when each of the guards does; asks no further after the first that does not. */
export function every(...guards: readonly GuardLike[]): GuardExpression {
  return new GuardExpression("every", guards);
}

/**
 * Passes when one of the guards does; asks no further after that.
 *
 * A thrown `HttpError` of the 4xx kind is a denial here. If no guard passes, the first such error is
 * the answer. Any other throw is the answer at once.
 */
export function some(...guards: readonly GuardLike[]): GuardExpression {
  return new GuardExpression("some", guards);
}

/** Passes when the guard answers exactly `false`. What it throws is thrown. */
export function not(guard: GuardLike): GuardExpression {
  return new GuardExpression("not", [guard]);
}

/** Whether a guard is to be made by injection: a class, by its method on the prototype. */
export function isGuardClass(guard: GuardLike): guard is Class<Guard> {
  return isClass(guard) && typeof guardMethod(guard.prototype) === "function";
}

/**
 * Refuses what could only fail while a request is served.
 *
 * @param where - where the guards were named, for the error
 * @throws SluiceError `ERR_GUARD`
 */
export function checkGuards(where: string, guards: readonly unknown[]): void {
  if (guards.length === 0) {
    throw new SluiceError("ERR_GUARD", `${where} names no guard. Name one, or take it away.`);
  }
  for (const [index, guard] of guards.entries()) checkGuard(`${where}, guard ${index + 1}`, guard);
}

function checkGuard(where: string, guard: unknown): void {
  if (guard instanceof GuardExpression) {
    checkGuards(`${where}: ${guard.operator}()`, guard.guards);
  } else if (guard === undefined) {
    throw new SluiceError(
      "ERR_GUARD",
      `${where} is undefined: its module is probably part of a circular import. Move the guard to a module of its own.`,
    );
  } else if (isClass(guard)) {
    if (typeof guardMethod(guard.prototype) !== "function") {
      throw new SluiceError(
        "ERR_GUARD",
        `${where}: ${tokenName(guard)} has no method canActivate(ctx). A property that holds a function does not count.`,
      );
    }
  } else if (typeof guard !== "function" && typeof guardMethod(guard) !== "function") {
    throw new SluiceError(
      "ERR_GUARD",
      `${where} is not a guard. Give a class or an object with canActivate(ctx), a function, or every(), some() or not().`,
    );
  }
}

function guardMethod(owner: unknown): unknown {
  return (owner as Partial<Guard> | null)?.canActivate;
}
