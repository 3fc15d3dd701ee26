import type { EventIn, EventMap } from "@sluice/protocol";
import { toMilliseconds, type Duration } from "../duration.js";
import { SluiceError } from "../errors.js";
import type { Context } from "../pipeline/context.js";
import { show } from "../show.js";
import { DEFAULT_MAX_BUFFERED_BYTES } from "../stream/stream-options.js";
import type { HistoryBounds } from "./broker.js";

/**
 * What happens to a connection that is too slow: it is disconnected and may resume; or it goes on with
 * what comes now; or with the newest event, where each event holds all there is to know. In the last
 * two cases it is told by a `sluice.reset`.
 */
export type ChannelOverflow = "disconnect" | "skip" | "latest";

/** How much of a channel is kept for those who come back. */
export interface HistoryOptions {
  /** How many events. @defaultValue 1,000 */
  readonly count?: number;
  /** For how long. @defaultValue `"10m"` */
  readonly age?: Duration;
  /**
   * How many bytes of events. A client that is cut off because it is slow has missed what was on its way
   * to it, too: some megabytes, which it gets when it resumes.
   * @defaultValue 8,388,608
   */
  readonly bytes?: number;
}

/**
 * Gives the event that brings a client up to date, or undefined for none. Read the state after this
 * is called, not before: what is published from the call on reaches the client too, after this event.
 *
 * @param ctx - the request; undefined where the subscription is iterated by the application itself
 * @param position - the cursor in the channel that the client goes on from
 */
export type StateReader<M extends EventMap> = (
  ctx: Context | undefined,
  position: string,
) => EventIn<M> | undefined | Promise<EventIn<M> | undefined>;

/** How a channel's slow connections are treated. */
export interface FlowOptions {
  /** @defaultValue `"disconnect"` */
  readonly overflow?: ChannelOverflow;
  /** How many bytes a connection may be behind. @defaultValue 1,048,576 */
  readonly maxBufferedBytes?: number;
  /** How long a connection may take nothing while something waits for it. @defaultValue `"30s"` */
  readonly stallTimeout?: Duration;
}

/** What {@link Channels.get} takes. */
export interface ChannelOptions<M extends EventMap = EventMap> extends FlowOptions {
  /** How much is kept of what is published; false for nothing. */
  readonly history?: HistoryOptions | false;
  /** Brings up to date who joins without a cursor, and who could not be resumed. */
  readonly snapshot?: StateReader<M>;
  /**
   * Brings up to date who could not be resumed; its event follows the `sluice.reset`.
   * @defaultValue {@link snapshot}
   */
  readonly onResync?: StateReader<M>;
}

/** What a flow is made of, checked; times in milliseconds. */
export interface FlowSettings {
  readonly overflow: ChannelOverflow;
  readonly maxBufferedBytes: number;
  readonly stallTimeout: number;
}

export const DEFAULT_FLOW: FlowSettings = {
  overflow: "disconnect",
  maxBufferedBytes: DEFAULT_MAX_BUFFERED_BYTES,
  stallTimeout: 30_000,
};

export const DEFAULT_HISTORY: HistoryBounds = { count: 1_000, age: 600_000, bytes: 8_388_608 };

export const NO_HISTORY: HistoryBounds = { count: 0, age: 0, bytes: 0 };

const OVERFLOWS: readonly ChannelOverflow[] = ["disconnect", "skip", "latest"];

/**
 * Checks the options of a flow.
 *
 * @param where - whose they are, for the message
 * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
 */
export function readFlow(where: string, options: FlowOptions, base: FlowSettings): FlowSettings {
  const { overflow, maxBufferedBytes, stallTimeout } = options;
  // Shared by all connections that leave it as it is.
  if ((overflow ?? maxBufferedBytes ?? stallTimeout) === undefined) return base;
  if (overflow !== undefined && !OVERFLOWS.includes(overflow))
    throw invalid(where, "overflow", overflow, OVERFLOWS.map(show).join(" or "));
  return {
    overflow: overflow ?? base.overflow,
    maxBufferedBytes: whole(where, "maxBufferedBytes", maxBufferedBytes, base.maxBufferedBytes),
    stallTimeout:
      stallTimeout === undefined
        ? base.stallTimeout
        : toMilliseconds(stallTimeout, `${where}: stallTimeout`),
  };
}

/**
 * Checks the bounds of a history.
 *
 * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
 */
export function readHistory(
  where: string,
  options: HistoryOptions | false | undefined,
  base: HistoryBounds,
): HistoryBounds {
  if (options === undefined) return base;
  if (options === false) return NO_HISTORY;
  if (typeof options !== "object" || options === null)
    throw invalid(where, "history", options, "an object or false");
  refuseUnknown(`${where}: history`, options, ["count", "age", "bytes"]);
  const { count, age, bytes } = options;
  return {
    count: whole(where, "history.count", count, base.count),
    age: age === undefined ? base.age : toMilliseconds(age, `${where}: history.age`),
    bytes: whole(where, "history.bytes", bytes, base.bytes),
  };
}

/** @throws SluiceError `ERR_OPTION` */
export function requireFunction(where: string, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function")
    throw invalid(where, name, value, "a function");
}

const OF_SUBSCRIBE: ReadonlySet<string> = new Set(["last", "filter", "lastEventId", "signal"]);

/**
 * Refuses an option that there is not.
 *
 * @throws SluiceError `ERR_OPTION`
 */
export function refuseUnknown(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new SluiceError(
      "ERR_OPTION",
      `${where} knows no option ${JSON.stringify(name)}. It takes ${known.join(", ")}.${OF_SUBSCRIBE.has(name) ? ` ${name} is one of subscribe().` : ""}`,
    );
  }
}

function whole(where: string, name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw invalid(where, name, value, "a whole number");
}

function invalid(where: string, name: string, value: unknown, rule: string): SluiceError {
  return new SluiceError("ERR_OPTION", `${where}: ${name} must be ${rule}, not ${show(value)}.`);
}
