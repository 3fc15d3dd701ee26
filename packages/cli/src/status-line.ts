import type { ClientState } from "@sluice/client";
import type { Histogram } from "./histogram.js";
import type { Statistics } from "./statistics.js";
import { counts } from "./summary.js";
import { formatBytes, formatCount, formatRate, formatTime } from "./units.js";
import { pad, widthOf } from "./width.js";

/** Between two parts of the line. */
const GAP = "  ";

/** The state of the stream, for a line. */
export interface Standing {
  readonly state: ClientState;
  /** How long until the next attempt, where one is waited for, in milliseconds. */
  readonly wait: number | undefined;
}

/** What goes on, on one line: the most telling first, as far as there is room. */
export class StatusLine {
  /** How wide each part has been: it keeps that, so that the others stay where they are. */
  readonly #widths = new Map<string, number>();

  /** @param columns - the room */
  write(statistics: Statistics, standing: Standing, columns: number): string {
    let line = "";
    for (const [name, text] of parts(statistics, standing)) {
      const width = Math.max(this.#widths.get(name) ?? 0, widthOf(text));
      this.#widths.set(name, width);
      const longer = `${line}${line === "" ? "" : GAP}${pad(text, width)}`;
      if (widthOf(longer) > columns) break;
      line = longer;
    }
    return line.trimEnd();
  }
}

function parts(statistics: Statistics, { state, wait }: Standing): [name: string, text: string][] {
  const { age, eventRate, byteRate, elapsed, firstByte, firstEvent, gaps, latency } = statistics;
  const known: [string, string | undefined][] = [
    ["state", wait === undefined ? state : `again in ${formatTime(wait)}`],
    ["elapsed", formatTime(elapsed)],
    ["events", formatCount(statistics.events, "event")],
    ["rate", formatRate(eventRate)],
    ["bytes", `${formatBytes(byteRate)}/s`],
    ["age", age === undefined ? undefined : `last ${formatTime(age)} ago`],
    ["latency", spread("latency", latency)],
    ["counts", counts(statistics).join(GAP) || undefined],
    ["gaps", spread("gaps", gaps)],
    ["byte", firstByte === undefined ? undefined : `first byte ${formatTime(firstByte)}`],
    ["event", firstEvent === undefined ? undefined : `event ${formatTime(firstEvent)}`],
  ];
  return known.filter((part): part is [string, string] => part[1] !== undefined);
}

function spread(name: string, histogram: Histogram): string | undefined {
  if (histogram.count === 0) return undefined;
  const [half, most] = [histogram.quantile(0.5), histogram.quantile(0.95)];
  return `${name} p50 ${formatTime(half)} p95 ${formatTime(most)}`;
}
