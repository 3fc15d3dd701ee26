import { toMilliseconds, type Duration } from "../duration.js";
import { SluiceError } from "../errors.js";
import type { Context } from "../pipeline/context.js";
import { show } from "../show.js";
import type { RunStore } from "./run-store.js";

/** What `@Run` takes. */
export interface RunOptions {
  /**
   * Names the run that a request is about: the first request for a key starts it, the others join it.
   * Keys are the application's own, for all its handlers: begin them with what they are about, as in
   * `answer:42`. Each principal has keys of its own, unless the run is {@link shared}.
   *
   * It gives 1 to 200 characters without control characters; else the answer is 400, `ERR_RUN_KEY`, and
   * 500 where it gives no text.
   */
  readonly key: (ctx: Context) => string;
  /** How long a run is kept after its end, for those who come later. @defaultValue `"10m"` */
  readonly keep?: Duration;
  /** How long it goes on while nobody listens; false for as long as it takes. @defaultValue `"2m"` */
  readonly orphan?: Duration | false;
  /** Whether all principals share the run of a key. @defaultValue false */
  readonly shared?: boolean;
  /**
   * Whether the first request that may start a run does so anew after it has failed, or was orphaned or
   * lost. Its listeners are not told that it is over then, so that they come back.
   * @defaultValue `"never"`
   */
  readonly restart?: "never" | "on-error";
  /**
   * How often `restart` lets a run begin, with the first time: whoever comes after the last of so many
   * failures is told that it has failed. Those that failed before their first event don't count, those
   * whose process ended do, and all are counted while the one before is kept.
   * @defaultValue 5
   */
  readonly maxAttempts?: number;
  /**
   * Adds a GET route at the same path that follows the run and never starts it: 404 when there is none.
   * For routes of `POST` and `PUT`, whose key then comes from the path, the query or headers.
   * @defaultValue false
   */
  readonly attach?: boolean;
  /** How many events a run may have; one more and it fails. @defaultValue 100,000 */
  readonly maxEvents?: number;
  /** How many bytes they may have together. @defaultValue 8,388,608 */
  readonly maxBytes?: number;
  /** How long a run may take. @defaultValue `"1h"` */
  readonly maxDuration?: Duration;
}

/** How the runs of a process are treated: the plugin's option `runs`. */
export interface RunsOptions {
  /** How many this process may run at once; more are refused. @defaultValue 1,000 */
  readonly maxRuns?: number;
  /** How many of them may be one principal's. @defaultValue no limit */
  readonly maxPerPrincipal?: number;
  /**
   * After how long without a word the process that runs something counts as gone; from a second on.
   * @defaultValue `"15s"`
   */
  readonly lease?: Duration;
  /**
   * Says which process runs what.
   * @defaultValue the broker's, where it has one, else a `MemoryRunStore`
   */
  readonly store?: RunStore;
}

/** What `@Run` was given, checked and with its defaults; times in milliseconds. */
export interface RunSettings {
  readonly key: (ctx: Context) => string;
  readonly keep: number;
  readonly orphan: number | false;
  readonly shared: boolean;
  /** How often it may begin, with the first time. */
  readonly maxAttempts: number;
  readonly attach: boolean;
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly maxDuration: number;
}

/** What `Runs` was given, checked and with its defaults; times in milliseconds. */
export interface RunsSettings {
  readonly maxRuns: number;
  readonly maxPerPrincipal: number;
  readonly lease: number;
  readonly store: RunStore | undefined;
}

/** How long a run is kept of which no more is known. */
export const DEFAULT_KEEP = 600_000;

/** A lease is renewed three times within its time, which must leave a slow store some. */
const SHORTEST_LEASE = 1_000;

const OF_RUN: readonly string[] = [
  "key",
  "keep",
  "orphan",
  "shared",
  "restart",
  "maxAttempts",
  "attach",
  "maxEvents",
  "maxBytes",
  "maxDuration",
] satisfies (keyof RunOptions)[];

const OF_RUNS: readonly string[] = [
  "maxRuns",
  "maxPerPrincipal",
  "lease",
  "store",
] satisfies (keyof RunsOptions)[];

const STORE_METHODS = ["find", "claim", "renew", "watch", "finish"] as const;

/**
 * Checks what `@Run` was given.
 *
 * @param where - the handler and the decorator, for messages
 * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
 */
export function readRunOptions(where: string, options: RunOptions): RunSettings {
  if (typeof options !== "object" || options === null) {
    throw new SluiceError(
      "ERR_OPTION",
      `${where} needs options, and among them a key: @Run({ key: (ctx) => ... }).`,
    );
  }
  refuseUnknown(where, options, OF_RUN);
  const { key, keep, orphan = "2m", shared = false, restart = "never", attach = false } = options;
  if (typeof key !== "function") throw invalid(where, "key", key, "a function of the context");
  if (restart !== "never" && restart !== "on-error")
    throw invalid(where, "restart", restart, '"never" or "on-error"');
  const maxAttempts = positive(where, "maxAttempts", options.maxAttempts, 5);
  if (restart === "never" && options.maxAttempts !== undefined)
    throw invalid(where, "maxAttempts", maxAttempts, 'left out without restart: "on-error"');
  requireBoolean(where, "shared", shared);
  requireBoolean(where, "attach", attach);
  return {
    key,
    keep: keep === undefined ? DEFAULT_KEEP : toMilliseconds(keep, `${where}: keep`),
    orphan: orphan === false ? false : toMilliseconds(orphan, `${where}: orphan`),
    shared,
    maxAttempts: restart === "never" ? 1 : maxAttempts,
    attach,
    maxEvents: positive(where, "maxEvents", options.maxEvents, 100_000),
    maxBytes: positive(where, "maxBytes", options.maxBytes, 8_388_608),
    maxDuration: atLeast(where, "maxDuration", options.maxDuration ?? "1h", 1),
  };
}

/**
 * Checks what `Runs` was given.
 *
 * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
 */
export function readRunsOptions(options: RunsOptions): RunsSettings {
  const where = "runs";
  if (typeof options !== "object" || options === null)
    throw new SluiceError(
      "ERR_OPTION",
      `${where} must be an object of options, not ${show(options)}.`,
    );
  refuseUnknown(where, options, OF_RUNS);
  const { maxRuns, maxPerPrincipal, lease = "15s", store } = options;
  if (store !== undefined) requireStore(store);
  return {
    maxRuns: positive(where, "maxRuns", maxRuns, 1_000),
    maxPerPrincipal: positive(where, "maxPerPrincipal", maxPerPrincipal, Infinity),
    lease: atLeast(where, "lease", lease, SHORTEST_LEASE),
    store,
  };
}

function requireStore(store: RunStore): void {
  const missing =
    typeof store === "object" && store !== null
      ? STORE_METHODS.find((method) => typeof store[method] !== "function")
      : "everything";
  if (missing === undefined) return;
  throw new SluiceError(
    "ERR_OPTION",
    `runs: store must be a store of runs, such as new MemoryRunStore(), not ${show(store)}: ${missing} is missing.`,
  );
}

function requireBoolean(where: string, name: string, value: unknown): void {
  if (typeof value !== "boolean") throw invalid(where, name, value, "true or false");
}

function positive(where: string, name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw invalid(where, name, value, "a whole number above 0");
}

function atLeast(where: string, name: string, value: Duration, least: number): number {
  const milliseconds = toMilliseconds(value, `${where}: ${name}`);
  if (milliseconds >= least) return milliseconds;
  throw invalid(where, name, value, least === 1 ? "longer than 0" : "a second or longer");
}

function refuseUnknown(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new SluiceError(
      "ERR_OPTION",
      `${where} knows no option ${JSON.stringify(name)}. It takes ${known.join(", ")}.`,
    );
  }
}

function invalid(where: string, name: string, value: unknown, rule: string): SluiceError {
  return new SluiceError("ERR_OPTION", `${where}: ${name} must be ${rule}, not ${show(value)}.`);
}
