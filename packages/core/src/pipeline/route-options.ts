import { toMilliseconds, type Duration } from "../duration.js";
import { SluiceError } from "../errors.js";
import { show } from "../show.js";
import type { SourceItem } from "../source.js";
import type { AdapterConfig, AdapterSchema, Context } from "./context.js";

/** What every route can say. */
export interface RouteOptions {
  /** Given to the framework as it is, for validation and documentation. */
  readonly schema?: AdapterSchema;
  /** Given to the framework as it is, for its plugins. */
  readonly config?: AdapterConfig;
}

/** Options of `@Get`, `@Post`, `@Put`, `@Patch` and `@Delete`. */
export interface VerbOptions extends RouteOptions {
  /**
   * The status of the answer, from 200 to 599.
   * @defaultValue the framework's
   */
  readonly statusCode?: number;
}

/** Options of `@Sse`. Those that are left out are the plugin's. */
export interface SseOptions extends RouteOptions {
  /** `"POST"` and `"PUT"` stream the answer to a body. @defaultValue `"GET"` */
  readonly method?: "GET" | "POST" | "PUT";
  /** How long a client waits before it reconnects; sent once, when the stream opens. */
  readonly retry?: Duration;
  /** After how much silence a comment is sent; `false` for never. */
  readonly keepAlive?: Duration | false;
  /** How long the head waits for the first event of an iterable. */
  readonly openWithin?: Duration;
  /** What happens when a client reads too slowly and its buffer is full. */
  readonly overflow?: "disconnect" | "drop-oldest" | "drop-newest";
  /** How many bytes may wait for a client that reads slowly. */
  readonly maxBufferedBytes?: number;
  /** How many connections the route may have at once; more are refused. */
  readonly maxConnections?: number;
  /**
   * The longest that a connection may last, and at least nine tenths of what it lasts; it is then
   * closed and the client may reconnect.
   */
  readonly maxDuration?: Duration;
  /** How often the guards are asked again while the stream is open; `false` for never. */
  readonly recheck?: Duration | false;
  /**
   * Whether a client is told that a source which came to its end is done, or reconnects to it.
   * @defaultValue `"stop"`
   */
  readonly onComplete?: "stop" | "reconnect";
  /** Maps an error that ends an open stream to a last event, which the client sees. */
  readonly onError?: (
    error: unknown,
    ctx: Context,
  ) => SourceItem | undefined | Promise<SourceItem | undefined>;
}

/** Says what an option must be, or undefined when it is that. */
type Check = (value: unknown, what: string) => string | undefined;

const object: Check = (value) =>
  typeof value === "object" && value !== null ? undefined : "an object";

const VERB_CHECKS: Readonly<Record<keyof VerbOptions, Check>> = {
  schema: object,
  config: object,
  statusCode: (value) =>
    Number.isInteger(value) && (value as number) >= 200 && (value as number) <= 599
      ? undefined
      : "a status from 200 to 599",
};

const SSE_CHECKS: Readonly<Record<keyof SseOptions, Check>> = {
  schema: object,
  config: object,
  method: oneOf("GET", "POST", "PUT"),
  retry: duration(0),
  keepAlive: (value, what) => (value === false ? undefined : duration(1)(value, what)),
  openWithin: duration(0),
  overflow: oneOf("disconnect", "drop-oldest", "drop-newest"),
  maxBufferedBytes: (value) =>
    Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : "a whole number of bytes",
  maxConnections: (value) =>
    Number.isSafeInteger(value) && (value as number) >= 1 ? undefined : "a whole number above 0",
  maxDuration: duration(1),
  recheck: (value, what) => (value === false ? undefined : duration(1)(value, what)),
  onComplete: oneOf("stop", "reconnect"),
  onError: (value) => (typeof value === "function" ? undefined : "a function"),
};

/**
 * Refuses an unknown option and a wrong value.
 *
 * @param where - the handler and the decorator, as in `"RoomsController.join: @Sse"`
 * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
 */
export function checkSseOptions(where: string, options: SseOptions): void {
  check(where, options, SSE_CHECKS);
}

/** As {@link checkSseOptions}, for the other routes. */
export function checkVerbOptions(where: string, options: VerbOptions): void {
  check(where, options, VERB_CHECKS);
}

function check(where: string, options: unknown, checks: Readonly<Record<string, Check>>): void {
  if (typeof options !== "object" || options === null) {
    throw new SluiceError("ERR_OPTION", `${where}: the options must be an object.`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, name)) {
      throw new SluiceError(
        "ERR_OPTION",
        `${where} knows no option ${JSON.stringify(name)}. It takes ${Object.keys(checks).join(", ")}.`,
      );
    }
    const what = `${where}: ${name}`;
    const wanted = value === undefined ? undefined : checks[name]!(value, what);
    if (wanted !== undefined) {
      throw new SluiceError("ERR_OPTION", `${what} must be ${wanted}, not ${show(value)}.`);
    }
  }
}

function oneOf(...allowed: readonly string[]): Check {
  const list = allowed.map((value) => JSON.stringify(value)).join(" or ");
  return (value) => (allowed.includes(value as string) ? undefined : list);
}

function duration(least: number): Check {
  return (value, what) =>
    toMilliseconds(value as Duration, what) >= least ? undefined : "longer than nothing";
}
