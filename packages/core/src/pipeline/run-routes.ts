import { methodName } from "../decorators/metadata.js";
import type { RouteMetadata } from "../decorators/routes.js";
import { methodsWithRun } from "../decorators/run.js";
import { SluiceError } from "../errors.js";
import type { Class } from "../injection/provider.js";
import type { RunSettings } from "../run/run-options.js";
import type { CompiledRoute } from "./route.js";
import { AttachInvocation, RunInvocation, type RunPlan } from "./run-invocation.js";

/** A route, and whether it only follows what another one starts. */
export interface RunRoute {
  readonly route: RouteMetadata;
  readonly attaches: boolean;
}

/** @throws SluiceError `ERR_RUN` for a method with `@Run` that no request reaches */
export function refuseRunsWithoutRoute(
  controller: Class,
  routes: ReadonlyMap<string | symbol, unknown>,
): void {
  for (const method of methodsWithRun(controller.prototype as object)) {
    if (!routes.has(method)) throw notStreamed(methodName(controller, method));
  }
}

/** @throws SluiceError `ERR_RUN` for a method whose routes can't have `@Run`, or not these options */
export function checkRun(name: string, run: RunSettings, routes: readonly RouteMetadata[]): void {
  if (routes.some(({ kind }) => kind === "http")) throw notStreamed(name);
  if (run.attach && routes.some(({ verb }) => verb === "GET")) {
    throw new SluiceError(
      "ERR_RUN",
      `${name}: attach adds a GET route, which this one is already: it starts a run where there is none. Take attach away, or make the route @Sse(path, { method: "POST" }).`,
    );
  }
}

/** The routes of a method, and for each the one that follows its runs, if it is to have one. */
export function routesWith(
  run: RunSettings | undefined,
  routes: readonly RouteMetadata[],
): RunRoute[] {
  return routes.flatMap((route) => {
    const own = { route, attaches: false };
    if (run?.attach !== true || route.kind === "http") return [own];
    return [own, { route: attachRoute(route), attaches: true }];
  });
}

/** How requests of a route with `@Run` begin. */
export function runInvocations(attaches: boolean, plan: RunPlan): CompiledRoute["invocation"] {
  return attaches
    ? (ctx) => new AttachInvocation(plan, ctx)
    : (ctx) => new RunInvocation(plan, ctx);
}

function attachRoute(route: RouteMetadata & { readonly kind: "sse" }): RouteMetadata {
  const { schema, ...options } = route.options;
  const attached = { ...options, method: "GET" } as const;
  if (schema === undefined) return { ...route, verb: "GET", options: attached };
  // Frameworks refuse the schema of a body for a GET.
  const { body: _, ...rest } = schema as { readonly body?: unknown };
  return { ...route, verb: "GET", options: { ...attached, schema: rest } };
}

function notStreamed(name: string): SluiceError {
  return new SluiceError(
    "ERR_RUN",
    `${name}: @Run belongs on a method with @Sse, and with no other route. Make that @Sse(path, { method: "POST" }), or take @Run away.`,
  );
}
