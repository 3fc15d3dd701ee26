import type { AdapterConfig, AdapterSchema, Context, RouteInfo } from "./context.js";
import type { SseOptions, VerbOptions } from "./route-options.js";

/**
 * What a request goes through, step by step. For a route that needs no objects of its own for each
 * request it is the same for all of them, and holds nothing of any.
 */
export interface Invocation {
  /**
   * Asks the guards: the global ones, the class's, the method's.
   *
   * @throws HttpError 403, `ERR_DENIED`, when one of them answers anything but `true`, or what a guard throws
   */
  authorize(ctx: Context): void | Promise<void>;
  /**
   * Finds the arguments, without a promise where none is needed.
   *
   * @throws ValidationError when the input is not what the handler asks for
   */
  arguments(ctx: Context): unknown[] | Promise<unknown[]>;
  /**
   * Calls the handler: for an sse route through its interceptors, which makes it a source or a
   * promise of one; otherwise it is what the handler returns.
   *
   * @throws SluiceError `ERR_SOURCE` when the handler of a verb returns a source of events
   */
  call(ctx: Context, args: readonly unknown[]): unknown;
  /** Calls `dispose()` of the objects that were made for the request and have one. */
  dispose(): void | Promise<void>;
}

interface AnyRoute extends RouteInfo {
  /** The option of that name, for the framework. */
  readonly schema: AdapterSchema | undefined;
  /** The option of that name, for the framework. */
  readonly config: AdapterConfig | undefined;
  /** Whether one of the handler's parameters is a cookie, which something must parse. */
  readonly usesCookies: boolean;
  /** Begins a request. */
  invocation(ctx: Context): Invocation;
}

/** A route whose handler gives a source of events. */
export interface SseRoute extends AnyRoute {
  readonly kind: "sse";
  readonly options: SseOptions;
}

/** A route whose handler gives the body of an answer. */
export interface VerbRoute extends AnyRoute {
  readonly kind: "http";
  readonly options: VerbOptions;
  /** The status that the route asks for; undefined for the framework's. */
  readonly statusCode: number | undefined;
}

/** A route with all that is known of it before a request. */
export type CompiledRoute = SseRoute | VerbRoute;
