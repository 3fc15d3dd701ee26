import { key, type DependencyContainer } from "../container.js";
import type { Graph } from "../injection/graph.js";
import type { Context } from "./context.js";
import { GuardExpression, isGuardClass, type Guard, type GuardLike } from "./guard.js";
import { HttpError } from "./http-error.js";
import { isPromise } from "./is-promise.js";

/** The code of an answer to a request that a guard did not let through. */
export const ERR_DENIED = "ERR_DENIED";

/** Asks one guard. What it answers is not always what its type says. */
export type Ask = (ctx: Context, container: DependencyContainer) => unknown;

/** A guard before the objects that it needs are made. */
export interface PlannedGuard {
  /** Whether an object of its own is made for each request. */
  readonly perRequest: boolean;
  /** Call it when the singletons are there. */
  readonly bind: () => Ask;
}

/**
 * Plans a guard and everything that it needs.
 *
 * @throws SluiceError what {@link Graph.planNamed} throws
 */
export function planGuard(graph: Graph, guard: GuardLike, where: string): PlannedGuard {
  if (guard instanceof GuardExpression) {
    const members = guard.guards.map((member) => planGuard(graph, member, where));
    return {
      perRequest: members.some(({ perRequest }) => perRequest),
      bind: () => OPERATORS[guard.operator](members.map(({ bind }) => bind())),
    };
  }
  if (isGuardClass(guard)) {
    const { scope, perRequest } = graph.planNamed(guard, where);
    return {
      perRequest,
      bind: () => {
        if (scope !== "singleton") {
          return (ctx, container) => container.resolve(key<Guard>(guard)).canActivate(ctx);
        }
        const instance = graph.resolve<Guard>(guard);
        return (ctx) => instance.canActivate(ctx);
      },
    };
  }
  const ask: Ask = typeof guard === "function" ? guard : (ctx) => guard.canActivate(ctx);
  return { perRequest: false, bind: () => ask };
}

/**
 * Asks guards in order, without a promise where none of them gives one.
 *
 * @throws HttpError 403, `ERR_DENIED`, as soon as one answers anything but `true`; or what a guard throws
 */
export function authorize(
  guards: readonly Ask[],
  ctx: Context,
  container: DependencyContainer,
): void | Promise<void> {
  for (let index = 0; index < guards.length; index++) {
    const answer = guards[index]!(ctx, container);
    if (isPromise(answer)) return authorizeLater(answer, guards, index + 1, ctx, container);
    if (answer !== true) throw denied();
  }
}

function denied(): HttpError {
  return new HttpError(403, undefined, { code: ERR_DENIED });
}

async function authorizeLater(
  first: PromiseLike<unknown>,
  guards: readonly Ask[],
  next: number,
  ctx: Context,
  container: DependencyContainer,
): Promise<void> {
  if ((await first) !== true) throw denied();
  for (let index = next; index < guards.length; index++) {
    if ((await guards[index]!(ctx, container)) !== true) throw denied();
  }
}

/**
 * Each answers `true`, `false`, or whatever else a member answered: only a clear `false` may become
 * `true` under `not`.
 */
const OPERATORS: Readonly<Record<GuardExpression["operator"], (members: readonly Ask[]) => Ask>> = {
  every: (members) => async (ctx, container) => {
    for (const ask of members) {
      const answer = await ask(ctx, container);
      if (answer !== true) return answer;
    }
    return true;
  },
  some: (members) => async (ctx, container) => {
    let denial: HttpError | undefined;
    let unclear: { readonly answer: unknown } | undefined;
    for (const ask of members) {
      try {
        const answer = await ask(ctx, container);
        if (answer === true) return true;
        if (answer !== false) unclear ??= { answer };
      } catch (error) {
        if (!(error instanceof HttpError) || error.statusCode >= 500) throw error;
        denial ??= error;
      }
    }
    if (denial !== undefined) throw denial;
    return unclear === undefined ? false : unclear.answer;
  },
  not:
    ([ask]) =>
    async (ctx, container) => {
      const answer = await ask!(ctx, container);
      return typeof answer === "boolean" ? !answer : answer;
    },
};
