import type {
  ChannelsOptions,
  Class,
  CompileOptions,
  Duration,
  GuardLike,
  InterceptorLike,
  Nodes,
  Provider,
  RunsOptions,
  StreamOverflow,
} from "@sluice/core";
import type { PrincipalOf } from "./admission.js";
import type { LimitOptions } from "./limits.js";

/** What `app.register(sluice, options)` takes. A `prefix` is Fastify's. */
export interface SluiceOptions {
  /** The classes whose decorated methods become routes. */
  readonly controllers: readonly Class[];
  /** What can be injected beside the classes that the controllers name themselves. */
  readonly providers?: readonly Provider[];
  /** Guards of every route, before those of the class and the method. */
  readonly guards?: readonly GuardLike[];
  /** Interceptors of every stream, around those of the class and the method. */
  readonly interceptors?: readonly InterceptorLike[];
  /**
   * The container that the plugin's own one is a child of.
   * @defaultValue tsyringe's global container
   */
  readonly container?: NonNullable<CompileOptions["container"]>;
  /**
   * How the injected `Channels` work: their broker, how much history they keep, what happens to slow
   * connections.
   * @defaultValue what `new Channels()` does
   */
  readonly channels?: ChannelsOptions;
  /**
   * How many runs there may be, and what says which process runs what. When the server closes, they may
   * go on for half of the drain window.
   * @defaultValue what `new Runs(channels)` does
   */
  readonly runs?: RunsOptions;
  /**
   * What tells the nodes of the application of each other: `Connections.revoke` then reaches all of them,
   * and `countEverywhere` counts on all. Closed with the application.
   * @defaultValue this process is alone
   */
  readonly nodes?: Nodes;
  /**
   * The longest silence on a stream before a comment is sent; false for none.
   * @defaultValue `"15s"`
   */
  readonly keepAlive?: Duration | false;
  /**
   * How long the head waits for the first event of an iterable.
   * @defaultValue `"100ms"`
   */
  readonly openWithin?: Duration;
  /**
   * The reconnection time that opens every stream; none is sent where it is left out.
   */
  readonly retry?: Duration;
  /**
   * How many connections there may be at once, for an address, for a principal and in all. For a single
   * route it is the option `maxConnections` of `@Sse`.
   * @defaultValue no limits
   */
  readonly limits?: LimitOptions;
  /**
   * Names whom a request is for, once the guards have let it in: a user, a tenant. It is what
   * `limits.perPrincipal` counts by, and `connection.principal`.
   */
  readonly principal?: PrincipalOf;
  /**
   * How a request beyond a limit is answered: with 429 or 503, which stops a native `EventSource` for good,
   * or with an empty stream that says when to come back.
   * @defaultValue `"status"`
   */
  readonly refuseWith?: "status" | "retry";
  /**
   * After this time, or up to a tenth before it, a connection ends; the client reconnects.
   * @defaultValue no limit
   */
  readonly maxDuration?: Duration;
  /**
   * How often the guards of an open stream are asked again; it ends when one says no.
   * @defaultValue false, for never
   */
  readonly recheck?: Duration | false;
  /**
   * How long a client may take nothing while something waits for it, before its connection is cut off;
   * false for as long as TCP allows.
   * @defaultValue `"30s"`
   */
  readonly writeTimeout?: Duration | false;
  /**
   * How many bytes of an `SseStream` or an observable may wait for a slow client.
   * @defaultValue 1,048,576
   */
  readonly maxBufferedBytes?: number;
  /**
   * What happens beyond that.
   * @defaultValue `"disconnect"`
   */
  readonly overflow?: StreamOverflow;
  /**
   * Whether a client is told that a stream is complete, so that a browser does not come back.
   * @defaultValue `"stop"`
   */
  readonly onComplete?: "stop" | "reconnect";
  /**
   * How long responses may take to get out when the server closes.
   * @defaultValue `"5s"`
   */
  readonly drainWindow?: Duration;
  /**
   * Called when the server begins to close, and waited for within the drain window, before the first
   * stream ends: to tell a load balancer, for instance.
   */
  readonly onDrain?: () => void | Promise<void>;
  /**
   * The path of a route that answers 200 while streams are taken and 503 when the server closes.
   * @defaultValue none
   */
  readonly readiness?: string;
  /**
   * Whether a line goes into the log, at level info, for each stream that closes: its reason, how long it
   * lasted, how much was sent.
   * @defaultValue true
   */
  readonly logStreams?: boolean;
  /**
   * Parameters of queries whose values are kept out of the log's lines about streams and calls.
   * @defaultValue the usual names of tokens and keys, such as `access_token`
   */
  readonly redactQuery?: readonly string[];
  /**
   * How long a source may go on after its connection closed before it is named in the log.
   * @defaultValue `"10s"`
   */
  readonly stuckAfter?: Duration;
}
