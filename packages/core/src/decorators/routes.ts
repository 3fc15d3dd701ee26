import { SluiceError } from "../errors.js";
import type { Verb } from "../pipeline/context.js";
import {
  checkSseOptions,
  checkVerbOptions,
  type SseOptions,
  type VerbOptions,
} from "../pipeline/route-options.js";
import { show } from "../show.js";
import {
  chain,
  decoratedMethod,
  METADATA,
  nearest,
  own,
  prepend,
  refuseBareOnMember,
  type MethodDecorator,
} from "./metadata.js";
import type { StreamDecorator } from "./stream-decorator.js";

/** What a route decorator leaves on a method. */
export type RouteMetadata =
  | {
      readonly kind: "sse";
      readonly verb: Verb;
      readonly path: string;
      readonly options: SseOptions;
    }
  | {
      readonly kind: "http";
      readonly verb: Verb;
      readonly path: string;
      readonly options: VerbOptions;
    };

/**
 * Streams what the method returns as server-sent events.
 *
 * @param path - joined to the controller's; without it the route is at the controller's own path
 * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`, `ERR_DECORATOR`
 */
export function Sse(path?: string, options: SseOptions = {}): StreamDecorator {
  refuseBareOnMember("@Sse", path, options);
  return (target, method, descriptor) => {
    decorate("@Sse", path, target, method, descriptor, (at) => {
      checkSseOptions(at, options);
      return {
        kind: "sse",
        verb: options.method ?? "GET",
        path: path ?? "",
        options: Object.freeze({ ...options }),
      };
    });
  };
}

/** Answers GET requests with what the method returns. */
export const Get = verb("@Get", "GET");
/** Answers POST requests with what the method returns. */
export const Post = verb("@Post", "POST");
/** Answers PUT requests with what the method returns. */
export const Put = verb("@Put", "PUT");
/** Answers PATCH requests with what the method returns. */
export const Patch = verb("@Patch", "PATCH");
/** Answers DELETE requests with what the method returns. */
export const Delete = verb("@Delete", "DELETE");

/** The methods of a class that are routes, with their routes from the top down; a base's come first. */
export function routesOf(prototype: object): Map<string | symbol, readonly RouteMetadata[]> {
  const routes = new Map<string | symbol, readonly RouteMetadata[]>();
  for (const link of chain(prototype).toReversed()) {
    for (const method of Reflect.ownKeys(link)) {
      // An override without a route decorator keeps the base's.
      const owner = nearest(METADATA.routes, prototype, method);
      if (owner !== undefined) {
        routes.set(method, own<readonly RouteMetadata[]>(METADATA.routes, owner, method)!);
      }
    }
  }
  return routes;
}

function verb(name: string, verb: Verb) {
  return (path?: string, options: VerbOptions = {}): MethodDecorator => {
    refuseBareOnMember(name, path, options);
    return (target, method, descriptor) => {
      decorate(name, path, target, method, descriptor, (at) => {
        checkVerbOptions(at, options);
        return { kind: "http", verb, path: path ?? "", options: Object.freeze({ ...options }) };
      });
    };
  };
}

function decorate(
  decorator: string,
  path: unknown,
  target: object,
  method: string | symbol,
  descriptor: PropertyDescriptor,
  route: (where: string) => RouteMetadata,
): void {
  const { prototype, name } = decoratedMethod(decorator, target, method, descriptor);
  const where = `${name}: ${decorator}`;
  if (path !== undefined && typeof path !== "string") {
    throw new SluiceError("ERR_OPTION", `${where}: the path must be a string, not ${show(path)}.`);
  }
  prepend(METADATA.routes, [route(where)], prototype, method);
}
