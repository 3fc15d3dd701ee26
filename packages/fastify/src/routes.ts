import {
  type CompiledRoute,
  type Connections,
  encodeRetry,
  type SseRoute,
  toMilliseconds,
} from "@sluice/core";
import type { FastifyInstance, FastifyRequest, RouteOptions } from "fastify";
import { SluicePluginError } from "./errors.js";
import { handleCall } from "./handle-call.js";
import { handleStream } from "./handle-request.js";
import { KeepAlive } from "./keep-alive.js";
import type { Limits } from "./limits.js";
import type { Settings } from "./settings.js";
import { requestSerializer } from "./redaction.js";
import type { Registry } from "./registry.js";
import type { Stragglers } from "./stragglers.js";
import type { StreamRoute } from "./stream-route.js";
import type { WriteDeadline } from "./write-deadline.js";

/** What all routes of one registration share. */
export interface Shared {
  readonly app: FastifyInstance;
  readonly settings: Settings;
  readonly registry: Registry;
  readonly connections: Connections;
  readonly stragglers: Stragglers;
  readonly admissions: Limits;
  readonly writeDeadline: WriteDeadline | undefined;
  /** By interval: connections with the same one share a timer. */
  readonly keepAlives: Map<number, KeepAlive>;
}

/** Registers the routes with Fastify; everything that a request needs is worked out here. */
export function registerRoutes(routes: readonly CompiledRoute[], shared: Shared): void {
  const { app, settings } = shared;
  const req = requestSerializer(app, settings.redactQuery);
  for (const compiled of routes) {
    const { path } = compiled;
    const placed = { ...compiled, path: wholePath(app.prefix, path) };
    if (placed.kind === "sse") {
      const route = toStreamRoute(placed, shared);
      register(app, path, placed, req, (request, reply) => handleStream(route, request, reply));
    } else {
      register(app, path, placed, req, (request, reply) =>
        handleCall(placed, settings.principal, request, reply),
      );
    }
  }
}

/** The path with the plugin's prefix, under which Fastify puts it. */
function wholePath(prefix: string, path: string): string {
  if (prefix === "") return path;
  return path === "/" ? prefix : prefix.replace(/\/$/, "") + path;
}

function register(
  app: FastifyInstance,
  url: string,
  route: CompiledRoute,
  req: (request: FastifyRequest) => unknown,
  handler: RouteOptions["handler"],
): void {
  const options: RouteOptions = {
    method: route.verb,
    url,
    handler,
    logSerializers: { req },
  };
  const { schema, config } = route;
  if (schema !== undefined) options.schema = schema;
  if (config !== undefined) options.config = config;
  try {
    app.route(options);
  } catch (cause) {
    throw refusal(route, cause);
  }
}

/** Fastify's errors don't know the handler. */
function refusal({ name, verb, path }: CompiledRoute, cause: unknown): SluicePluginError {
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  return code === "FST_ERR_DUPLICATED_ROUTE"
    ? new SluicePluginError(
        "ERR_ROUTE_TAKEN",
        `${name}: ${verb} ${path} is registered already. Give one of the two another path or prefix.`,
        { cause },
      )
    : new SluicePluginError(
        "ERR_ROUTE_REFUSED",
        `${name}: Fastify, or a plugin's onRoute hook, refuses ${verb} ${path}: ${String(message)}`,
        { cause },
      );
}

function toStreamRoute(compiled: SseRoute, shared: Shared): StreamRoute {
  const { settings, registry, connections, stragglers, admissions, writeDeadline } = shared;
  const { options } = compiled;
  const time = <N extends "openWithin" | "retry" | "maxDuration">(name: N) => {
    const value = options[name];
    return value === undefined
      ? settings[name]
      : toMilliseconds(value, `${compiled.name}: ${name}`);
  };
  const retry = time("retry");
  return {
    compiled,
    openWithin: time("openWithin"),
    preamble: retry === undefined ? "" : encodeRetry(retry),
    keepAlive: keepAliveOf(compiled, shared),
    limits: {
      overflow: options.overflow ?? settings.overflow,
      maxBufferedBytes: options.maxBufferedBytes ?? settings.maxBufferedBytes,
    },
    maxDuration: time("maxDuration"),
    recheck: recheckOf(compiled, settings),
    admissions,
    maxConnections: options.maxConnections,
    principal: settings.principal,
    refuseWith: settings.refuseWith,
    writeDeadline,
    logsCloses: settings.logStreams,
    marksCompletion: (options.onComplete ?? settings.onComplete) === "stop",
    onError: options.onError,
    connections,
    registry,
    stragglers,
  };
}

function recheckOf({ name, options }: SseRoute, settings: Settings): number | undefined {
  const { recheck } = options;
  if (recheck === undefined) return settings.recheck;
  return recheck === false ? undefined : toMilliseconds(recheck, `${name}: recheck`);
}

function keepAliveOf(
  compiled: SseRoute,
  { app, settings, keepAlives }: Shared,
): KeepAlive | undefined {
  const keepAlive = compiled.options.keepAlive ?? settings.keepAlive;
  if (keepAlive === false) return undefined;
  const interval = toMilliseconds(keepAlive, `${compiled.name}: keepAlive`);
  const { connectionTimeout = 0 } = app.initialConfig;
  if (connectionTimeout > 0 && connectionTimeout <= interval) {
    throw new SluicePluginError(
      "ERR_CONNECTION_TIMEOUT",
      `${compiled.name}: Fastify's connectionTimeout of ${connectionTimeout} ms would cut quiet streams before their keep-alive after ${interval} ms. Raise connectionTimeout, or lower keepAlive.`,
    );
  }
  let shared = keepAlives.get(interval);
  if (shared === undefined) keepAlives.set(interval, (shared = new KeepAlive(interval)));
  return shared;
}
