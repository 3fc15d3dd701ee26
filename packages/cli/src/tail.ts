import { connect, SseClientError } from "@sluice/client";
import type { Body } from "./body.js";
import type { TailSettings } from "./command-line.js";
import type { Ending } from "./ending.js";
import type { TextEvent } from "./event-text.js";
import { latencyOf } from "./latency.js";
import { meterFetch } from "./metered-fetch.js";
import type { Narrator } from "./narrator.js";
import type { Statistics } from "./statistics.js";
import { tapped } from "./tapped.js";

/** An event as it is shown. */
export interface ShownEvent extends TextEvent {
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  readonly latency: number | undefined;
}

/** Where a tail's events go. While a promise of it is pending, nothing more is read. */
export interface TailSink {
  event(event: ShownEvent): Promise<void>;
  bytes(chunk: Uint8Array): Promise<void>;
}

/**
 * Follows a stream until it is over.
 *
 * @param stop - ends it; its reason is an {@link Ending}
 */
export async function tail(
  settings: TailSettings,
  body: Body | undefined,
  {
    sink,
    narrator,
    statistics,
    stop,
  }: {
    readonly sink: TailSink;
    readonly narrator: Narrator;
    readonly statistics: Statistics;
    readonly stop: AbortSignal;
  },
): Promise<Ending> {
  const { events, form, latencyField, lastEventId, method, reconnect, silence } = settings;
  const isRaw = form === "raw";
  const metered = meterFetch(statistics, isRaw ? (chunk) => sink.bytes(chunk) : undefined);
  const client = connect(settings.url, {
    method,
    headers: headersOf(settings, body),
    ...(body === undefined ? {} : { body: body.bytes }),
    ...(silence === undefined ? {} : { silenceTimeout: silence }),
    fetch: metered.fetch,
    lastEventId,
    reconnect,
    signal: stop,
    // One event after the other: then what is said on stderr stands where it happened.
    maxBuffered: 0,
    share: (open) => tapped(open, (id) => narrator.position(id)),
    onReset(reset) {
      statistics.resets++;
      narrator.reset(reset);
    },
    onStateChange(state, { error, retryAt }) {
      if (state === "open") statistics.opened();
      narrator.state({ state, error, retryAt, answer: metered.answer });
    },
  });
  try {
    for await (const { event, id, data } of client) {
      if (stop.aborted) break;
      if (events?.has(event) === false) {
        narrator.taken(id);
        continue;
      }
      const at = Date.now();
      const text = String(data);
      const latency = latencyField === undefined ? undefined : latencyOf(text, latencyField, at);
      statistics.event(latency);
      if (!isRaw) await sink.event({ event, id, data: text, at, latency });
      // Where the writing was broken off, the event is still to be had.
      if (stop.aborted) break;
      narrator.taken(id);
      if (statistics.events >= settings.count) return { why: "count" };
    }
  } catch (error) {
    if (!(error instanceof SseClientError)) throw error;
    const hasEnded = error.code === "ERR_DISCONNECTED" && metered.answer?.isWhole === true;
    if (!hasEnded || reconnect !== false) return { why: "error", error };
    return { why: "ended" };
  }
  if (stop.aborted) return stop.reason as Ending;
  return { why: settings.count === Infinity ? "complete" : "short" };
}

function headersOf({ headers }: TailSettings, body: Body | undefined): [string, string][] {
  const own = headers.map(([name, value]): [string, string] => [name, value]);
  const hasType = own.some(([name]) => name.toLowerCase() === "content-type");
  if (body === undefined || hasType) return own;
  return [["content-type", body.isJson ? "application/json" : "text/plain;charset=UTF-8"], ...own];
}
