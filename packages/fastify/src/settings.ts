import { inspect } from "node:util";
import { type Duration, type StreamOverflow, toMilliseconds } from "@sluice/core";
import type { PrincipalOf } from "./admission.js";
import { SluicePluginError } from "./errors.js";
import type { LimitOptions } from "./limits.js";
import type { SluiceOptions } from "./options.js";
import { DEFAULT_REDACTED } from "./redaction.js";

/** The plugin's options, checked and with their defaults; times in milliseconds. */
export interface Settings {
  readonly keepAlive: number | false;
  readonly openWithin: number;
  readonly retry: number | undefined;
  readonly limits: LimitOptions;
  readonly principal: PrincipalOf | undefined;
  readonly refuseWith: "status" | "retry";
  readonly maxDuration: number | undefined;
  readonly recheck: number | undefined;
  readonly writeTimeout: number | undefined;
  readonly maxBufferedBytes: number | undefined;
  readonly overflow: StreamOverflow | undefined;
  readonly onComplete: "stop" | "reconnect";
  readonly drainWindow: number;
  readonly onDrain: () => Promise<void>;
  readonly readiness: string | undefined;
  readonly logStreams: boolean;
  readonly redactQuery: ReadonlySet<string>;
  readonly stuckAfter: number;
}

/** Whether an option must be an array. Those that Fastify reads itself are let through. */
const OPTIONS: Readonly<
  Record<keyof SluiceOptions | "prefix" | "logLevel" | "logSerializers", "array" | "other">
> = {
  controllers: "array",
  providers: "array",
  guards: "array",
  interceptors: "array",
  container: "other",
  channels: "other",
  runs: "other",
  nodes: "other",
  keepAlive: "other",
  openWithin: "other",
  retry: "other",
  limits: "other",
  principal: "other",
  refuseWith: "other",
  maxDuration: "other",
  recheck: "other",
  writeTimeout: "other",
  maxBufferedBytes: "other",
  overflow: "other",
  onComplete: "other",
  drainWindow: "other",
  onDrain: "other",
  readiness: "other",
  logStreams: "other",
  redactQuery: "array",
  stuckAfter: "other",
  prefix: "other",
  logLevel: "other",
  logSerializers: "other",
};

/**
 * Checks the options.
 *
 * @throws SluicePluginError `ERR_OPTION`
 * @throws SluiceError `ERR_DURATION`
 */
export function readOptions(options: SluiceOptions): Settings {
  const { controllers, ...rest } = options;
  for (const name of Object.keys(rest)) if (!Object.hasOwn(OPTIONS, name)) throw unknown(name);
  if (!Array.isArray(controllers)) throw invalid("controllers", controllers, "an array of classes");
  for (const [name, value] of Object.entries(rest)) {
    const isList = OPTIONS[name as keyof typeof OPTIONS] === "array";
    if (isList && value !== undefined && !Array.isArray(value))
      throw invalid(name, value, "an array");
  }
  const { keepAlive = "15s", openWithin = "100ms", retry, maxDuration } = options;
  const { drainWindow = "5s", stuckAfter = "10s" } = options;
  const { maxBufferedBytes, overflow, onComplete = "stop" } = options;
  if (
    maxBufferedBytes !== undefined &&
    !(Number.isSafeInteger(maxBufferedBytes) && maxBufferedBytes >= 0)
  ) {
    throw invalid("maxBufferedBytes", maxBufferedBytes, "a whole number of bytes");
  }
  oneOf("overflow", overflow ?? "disconnect", ["disconnect", "drop-oldest", "drop-newest"]);
  oneOf("onComplete", onComplete, ["stop", "reconnect"]);
  const { limits = {}, principal, refuseWith = "status" } = options;
  checkLimits(limits);
  isFunction("principal", principal);
  if (principal === undefined) {
    if (limits.perPrincipal !== undefined) throw countsNobody("limits.perPrincipal");
    if (options.runs?.maxPerPrincipal !== undefined) throw countsNobody("runs.maxPerPrincipal");
  }
  oneOf("refuseWith", refuseWith, ["status", "retry"]);
  const { recheck = false, writeTimeout = "30s", onDrain, readiness } = options;
  isFunction("onDrain", onDrain);
  if (readiness !== undefined && (typeof readiness !== "string" || !readiness.startsWith("/")))
    throw invalid("readiness", readiness, 'a path such as "/ready"');
  const { redactQuery = DEFAULT_REDACTED } = options;
  return {
    limits,
    principal,
    refuseWith,
    recheck: recheck === false ? undefined : positive("recheck", recheck),
    writeTimeout: writeTimeout === false ? undefined : positive("writeTimeout", writeTimeout),
    onDrain: async () => onDrain?.(),
    readiness,
    logStreams: options.logStreams !== false,
    redactQuery: new Set(redactQuery.map((name) => name.toLowerCase())),
    keepAlive: keepAlive === false ? false : positive("keepAlive", keepAlive),
    openWithin: toMilliseconds(openWithin, "openWithin"),
    retry: retry === undefined ? undefined : toMilliseconds(retry, "retry"),
    maxDuration: maxDuration === undefined ? undefined : positive("maxDuration", maxDuration),
    maxBufferedBytes,
    overflow,
    onComplete,
    drainWindow: toMilliseconds(drainWindow, "drainWindow"),
    stuckAfter: positive("stuckAfter", stuckAfter),
  };
}

function positive(name: string, value: Duration): number {
  const milliseconds = toMilliseconds(value, name);
  if (milliseconds === 0) throw invalid(name, value, "longer than 0");
  return milliseconds;
}

const LIMITS: readonly string[] = [
  "perIp",
  "perPrincipal",
  "total",
] satisfies (keyof LimitOptions)[];

function checkLimits(limits: LimitOptions): void {
  if (typeof limits !== "object" || limits === null)
    throw invalid("limits", limits, `an object of ${LIMITS.join(", ")}`);
  for (const [name, value] of Object.entries(limits)) {
    if (!LIMITS.includes(name)) throw unknown(`limits.${name}`);
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw invalid(`limits.${name}`, value, "a whole number above 0");
  }
}

function countsNobody(name: string): SluicePluginError {
  return new SluicePluginError(
    "ERR_OPTION",
    `The option ${name} of sluice counts by what the option principal gives, which is missing. Add principal: (request) => ...`,
  );
}

function isFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") throw invalid(name, value, "a function");
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw invalid(name, value, `one of ${allowed.join(", ")}`);
}

function invalid(name: string, value: unknown, rule: string): SluicePluginError {
  const given = inspect(value, { depth: 0, breakLength: Infinity });
  return new SluicePluginError(
    "ERR_OPTION",
    `The option "${name}" of sluice must be ${rule}, not ${given}.`,
  );
}

function unknown(name: string): SluicePluginError {
  return new SluicePluginError(
    "ERR_OPTION",
    `There is no such option of sluice as "${name}". It takes ${Object.keys(OPTIONS).join(", ")}.`,
  );
}
