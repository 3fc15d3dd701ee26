import type { IncomingHttpHeaders } from "node:http";
import type { LiveConnection } from "../connections/live-connection.js";
import type { Class } from "../injection/provider.js";

/**
 * The types that an adapter for an HTTP framework knows better. It merges its own into this
 * interface: `request` and `reply` for {@link Context}, `schema` and `config` for the options of
 * routes.
 */
export interface AdapterTypes {}

type Adapted<K extends string, Otherwise> =
  AdapterTypes extends Readonly<Record<K, infer T>> ? T : Otherwise;

export type AdapterRequest = Adapted<"request", unknown>;
export type AdapterReply = Adapted<"reply", unknown>;
export type AdapterSchema = Adapted<"schema", object>;
export type AdapterConfig = Adapted<"config", object>;

/** The verbs that a route can have. */
export type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Which handler a request came to. */
export interface RouteInfo {
  /** The class and the method, as in `"RoomsController.join"`. */
  readonly name: string;
  readonly controller: Class;
  readonly method: string | symbol;
  readonly verb: Verb;
  /** The whole path, with its parameters, as in `"/rooms/:room"`. */
  readonly path: string;
}

/** A request, as guards, interceptors and parameters see it. */
export interface Context {
  /** The framework's own request. */
  readonly request: AdapterRequest;
  /** The framework's own reply; its head can be changed until it goes out. */
  readonly reply: AdapterReply;
  /** The parameters of the path, decoded. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** The request's headers, under names in lower case. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: unknown;
  /** Undefined when nothing parses cookies. */
  readonly cookies: Readonly<Record<string, string | undefined>> | undefined;
  /** The client's address. */
  readonly ip: string;
  /** The id of the last event that the client has seen: decoded, checked, without the end mark. */
  readonly lastEventId: string | undefined;
  /** Aborted when the connection closes. */
  readonly signal: AbortSignal;
  /** The connection of the stream; of an ordinary call one that ends with it, and that nobody can find. */
  readonly connection: LiveConnection;
  /** Whom the request is for, as the connection says: `ctx.connection.principal`. */
  readonly principal: string | undefined;
  readonly route: RouteInfo;
}
