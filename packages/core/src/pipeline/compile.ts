import { key, type DependencyContainer } from "../container.js";
import { controllerMetadata } from "../decorators/controller.js";
import { collect, METADATA, methodName } from "../decorators/metadata.js";
import { routesOf } from "../decorators/routes.js";
import { runOf } from "../decorators/run.js";
import { SluiceError } from "../errors.js";
import { Graph } from "../injection/graph.js";
import {
  isClass,
  tokenName,
  type Class,
  type Provider,
  type Token,
} from "../injection/provider.js";
import { Runs } from "../run/runs.js";
import { compileArguments } from "./arguments.js";
import { planGuard } from "./authorize.js";
import { checkGuards, type GuardLike } from "./guard.js";
import { planInterceptor } from "./intercept.js";
import { checkInterceptors, type InterceptorLike } from "./interceptor.js";
import { RouteInvocation, type Steps } from "./invocation.js";
import { joinPaths, pathKeys } from "./path.js";
import { checkAnswer } from "./plain-answer.js";
import type { CompiledRoute } from "./route.js";
import { checkRun, refuseRunsWithoutRoute, routesWith, runInvocations } from "./run-routes.js";

export interface CompileOptions {
  /** The classes whose methods are routes. */
  readonly controllers: readonly Class[];
  /**
   * What is injected beside the classes that constructors name. The last one for a token counts,
   * also before what the container holds.
   */
  readonly providers?: readonly Provider[];
  /** Guards of every route, asked before those of classes and methods. */
  readonly guards?: readonly GuardLike[];
  /** Interceptors of every sse route, around those of classes and methods. */
  readonly interceptors?: readonly InterceptorLike[];
  /**
   * The parent of the application's own container.
   * @defaultValue tsyringe's global container
   */
  readonly container?: DependencyContainer;
}

/** An application: its routes, and the objects behind them. */
export interface CompiledApplication {
  readonly routes: readonly CompiledRoute[];
  /** What runs the handlers with `@Run`; undefined where there is none. */
  readonly runs: Runs | undefined;
  /**
   * Finds the application's object for a token.
   *
   * @throws SluiceError when there is none, or it lives for a request
   */
  resolve<T>(token: Token<T>): T;
  /** Calls `dispose()` of the objects that were made for the application and have one. */
  dispose(): Promise<void>;
}

/** A route, and what is left to do when the singletons are there. */
interface PlannedRoute {
  readonly name: string;
  readonly verb: string;
  readonly path: string;
  readonly runs: boolean;
  readonly finish: () => CompiledRoute;
}

/**
 * Turns controllers into routes. Everything is checked before the first object is made, and
 * everything that a request needs is found once.
 *
 * @throws SluiceError for every mistake in how decorators and injection are used
 */
export function compile(options: CompileOptions): CompiledApplication {
  const { providers = [], guards = [], interceptors = [] } = options;
  const graph = new Graph(options.container);
  graph.provide(providers);
  if (guards.length > 0) checkGuards("the global guards", guards);
  if (interceptors.length > 0) checkInterceptors("the global interceptors", interceptors);

  const planned = options.controllers.flatMap((controller, index) => {
    checkController(controller, index);
    refuseSecond(options.controllers, controller, index);
    return planController(graph, controller, guards, interceptors);
  });
  refuseDuplicates(planned);

  try {
    graph.construct();
  } catch (error) {
    // What was made is freed; whatever goes wrong with that would only hide why the start failed.
    graph.app.dispose().catch(() => undefined);
    throw error;
  }
  return {
    routes: planned.map(({ finish }) => finish()),
    runs: planned.some(({ runs }) => runs) ? graph.resolve(Runs) : undefined,
    resolve: (token) => graph.resolve(token),
    dispose: () => graph.app.dispose(),
  };
}

function checkController(controller: unknown, index: number): void {
  if (!isClass(controller)) {
    throw new SluiceError(
      "ERR_CONTROLLER",
      `controllers[${index}] is ${controller === undefined ? "undefined: its module is probably part of a circular import" : "not a class"}. List classes with @Controller().`,
    );
  }
  const name = tokenName(controller);
  const routes = routesOf(controller.prototype as object);
  if (controllerMetadata(controller) === undefined) {
    throw new SluiceError(
      "ERR_CONTROLLER",
      routes.size === 0
        ? `${name} is listed in controllers and has no @Controller(). Add it, or list the class in providers.`
        : `${name} has routes outside of a controller. Add @Controller() to the class.`,
    );
  }
  if (routes.size === 0) {
    throw new SluiceError(
      "ERR_CONTROLLER",
      `${name} has no routes. Add @Sse() or another route to one of its methods, or take it from controllers.`,
    );
  }
}

function refuseSecond(controllers: readonly Class[], controller: Class, index: number): void {
  const first = controllers.indexOf(controller);
  if (first === index) return;
  throw new SluiceError(
    "ERR_CONTROLLER",
    `${tokenName(controller)} is listed twice: it is controllers[${first}] and controllers[${index}]. List it once.`,
  );
}

function planController(
  graph: Graph,
  controller: Class,
  globalGuards: readonly GuardLike[],
  globalInterceptors: readonly InterceptorLike[],
): PlannedRoute[] {
  const { perRequest: ofRequest } = graph.planNamed(controller, "the controllers");
  const prototype = controller.prototype as Record<string | symbol, unknown>;
  const prefix = controllerMetadata(controller)!.path;
  const allRoutes = routesOf(prototype);
  refuseRunsWithoutRoute(controller, allRoutes);
  return [...allRoutes].flatMap(([method, routes]) => {
    const name = methodName(controller, method);
    const handler = prototype[method];
    if (typeof handler !== "function") {
      throw new SluiceError("ERR_CONTROLLER", `${name} is a route and must be a method.`);
    }
    const own = collect<InterceptorLike>(METADATA.interceptors, prototype, method);
    if (own.length > 0 && routes.some(({ kind }) => kind === "http")) {
      throw new SluiceError(
        "ERR_INTERCEPTOR",
        `${name}: interceptors stand around sources, and a route of a verb has none. Take @UseInterceptors away, or put the work into a guard or the handler.`,
      );
    }
    const guards = [
      ...globalGuards,
      ...collect<GuardLike>(METADATA.guards, controller),
      ...collect<GuardLike>(METADATA.guards, prototype, method),
    ];
    const interceptors = [
      ...globalInterceptors,
      ...collect<InterceptorLike>(METADATA.interceptors, controller),
      ...own,
    ];
    const run = runOf(prototype, method);
    if (run !== undefined) {
      checkRun(name, run, routes);
      graph.plan(Runs, `${name}: @Run`);
    }
    const { extractors, ofPath, usesCookies } = compileArguments(name, prototype, method, handler);
    const plannedGuards = guards.map((guard) => planGuard(graph, guard, `${name}: @UseGuards`));
    return routesWith(run, routes).map(({ route, attaches }): PlannedRoute => {
      const path = joinPaths(prefix, route.path);
      const plannedInterceptors = (route.kind === "sse" ? interceptors : []).map((interceptor) =>
        planInterceptor(graph, interceptor, `${name}: @UseInterceptors`),
      );
      const perRequest =
        ofRequest || [...plannedGuards, ...plannedInterceptors].some((step) => step.perRequest);
      const finish = () => {
        const steps: Steps = {
          guards: plannedGuards.map(({ bind }) => bind()),
          // Who only follows a run has no body, and calls no handler.
          extractors: attaches ? ofPath : extractors,
          interceptors: plannedInterceptors.map(({ bind }) => bind()),
          controller: bindController(graph, controller, ofRequest),
          method,
          check: route.kind === "http" ? checkAnswer(name, route.verb) : undefined,
        };
        const plain = invocations(graph, steps, perRequest);
        const invocation =
          run === undefined || route.kind === "http"
            ? plain
            : runInvocations(attaches, {
                name,
                runs: graph.resolve(Runs),
                settings: run,
                onError: route.options.onError,
                invocation: plain,
              });
        const { schema, config } = route.options;
        const info = { name, controller, method, path, schema, config, usesCookies, invocation };
        return Object.freeze(
          route.kind === "sse"
            ? { ...route, ...info }
            : { ...route, ...info, statusCode: route.options.statusCode },
        );
      };
      return { name, verb: route.verb, path, runs: run !== undefined, finish };
    });
  });
}

function bindController(graph: Graph, controller: Class, perRequest: boolean): Steps["controller"] {
  if (perRequest) return (container) => container.resolve(key(controller)) as object;
  const instance = graph.resolve(controller) as object;
  return () => instance;
}

function invocations(graph: Graph, steps: Steps, perRequest: boolean): CompiledRoute["invocation"] {
  if (perRequest) return (ctx) => new RouteInvocation(steps, graph.request(ctx));
  const shared = Object.freeze(new RouteInvocation(steps, graph.app));
  return () => shared;
}

function refuseDuplicates(routes: readonly PlannedRoute[]): void {
  const seen = new Map<string, PlannedRoute>();
  for (const route of routes) {
    for (const key of pathKeys(route.path)) {
      const place = `${route.verb} ${key}`;
      const other = seen.get(place);
      if (other !== undefined) {
        throw new SluiceError(
          "ERR_ROUTE_DUPLICATE",
          `${other.name} (${other.path}) and ${route.name} (${route.path}) both answer ${route.verb} at one path. Give one of them another path.`,
        );
      }
      seen.set(place, route);
    }
  }
}
