import type { Histogram } from "./histogram.js";
import type { Statistics } from "./statistics.js";
import { formatBytes, formatCount, formatRate, formatTime } from "./units.js";

/** What was measured, at the end: the same to a reader and to `grep`. */
export function summarize(statistics: Statistics): string[] {
  const { bytes, elapsed, events, firstByte, firstEvent, gaps, latency } = statistics;
  const rates = [
    formatRate(events / (elapsed / 1_000)),
    `${formatBytes(bytes / (elapsed / 1_000))}/s`,
  ];
  return [
    [formatCount(events, "event"), formatBytes(bytes), formatTime(elapsed), ...rates].join(", "),
    ...(firstByte === undefined ? [] : [firsts(firstByte, firstEvent)]),
    ...(gaps.count === 0 ? [] : [spread("gaps", gaps)]),
    ...(latency.count === 0 ? [] : [spread("latency", latency)]),
    ...counts(statistics),
  ];
}

/** What has come between, where anything has. */
export function counts({ reconnects, resets }: Statistics): string[] {
  return [
    ...(reconnects === 0 ? [] : [formatCount(reconnects, "reconnect")]),
    ...(resets === 0 ? [] : [formatCount(resets, "reset")]),
  ];
}

function firsts(byte: number, event: number | undefined): string {
  return `first byte ${formatTime(byte)}${event === undefined ? "" : `, first event ${formatTime(event)}`}`;
}

function spread(name: string, histogram: Histogram): string {
  const [half, most] = [histogram.quantile(0.5), histogram.quantile(0.95)];
  return `${name} p50 ${formatTime(half)}, p95 ${formatTime(most)}, max ${formatTime(histogram.max)}`;
}
