import type { SseClientErrorCode } from "@sluice/client";
import type { TailSettings } from "./command-line.js";
import type { Ending } from "./ending.js";
import { harmless } from "./harmless.js";
import type { Narrator } from "./narrator.js";
import type { Statistics } from "./statistics.js";
import { summarize } from "./summary.js";
import { formatTime } from "./units.js";

/** What is said at the end. */
export interface LastWords {
  readonly summary: readonly string[];
  /** Why this is no success. */
  readonly failure: string | undefined;
}

/** What there is to say something of. */
interface Told {
  readonly settings: TailSettings;
  readonly statistics: Statistics;
  readonly narrator: Narrator;
}

export function lastWords(ending: Ending, told: Told): LastWords {
  const { settings, statistics, narrator } = told;
  const failure = failureOf(ending, told);
  // Who has left is told nothing; and where nothing came, there is nothing to sum up.
  if (ending.why === "reader" || statistics.firstByte === undefined) {
    return { summary: ending.why === "complete" ? ["complete"] : [], failure };
  }
  const { latencyField: field } = settings;
  const isMissing = field !== undefined && statistics.events > 0 && statistics.latency.count === 0;
  const { lastId } = narrator;
  return {
    summary: [
      "",
      ...(ending.why === "complete" ? ["complete"] : []),
      ...(ending.why === "ended" && !settings.untilComplete ? ["ended"] : []),
      ...summarize(statistics),
      ...(isMissing ? [`latency: no event has a time in ${["data", ...field].join(".")}`] : []),
      ...(ending.why === "complete" || lastId === "" ? [] : [`last id ${harmless(lastId)}`]),
    ],
    failure,
  };
}

const HEADLINES: Readonly<Record<SseClientErrorCode, string>> = {
  ERR_DISCONNECTED: "given up",
  ERR_SILENT: "given up",
  ERR_UNAVAILABLE: "given up",
  ERR_REFUSED: "refused",
  ERR_NOT_A_STREAM: "refused",
  ERR_OPTION: "refused",
  ERR_CANCELLED: "cancelled",
  ERR_FAILED: "failed",
  ERR_EVENT_TOO_LARGE: "failed",
  ERR_INVALID_EVENT: "failed",
  ERR_RESET: "failed",
};

function failureOf(ending: Ending, { settings, statistics, narrator }: Told): string | undefined {
  switch (ending.why) {
    case "error":
      return `${HEADLINES[ending.error.code]}: ${narrator.reason(ending.error)}`;
    case "short":
      return `complete after ${statistics.events} of ${settings.count} events`;
    case "ended":
      return settings.untilComplete ? "it ended before it was complete" : undefined;
    case "timeout":
      return `timeout after ${formatTime(settings.timeout ?? 0)}`;
    case "output":
      return `the output can't be written: ${ending.error.message}`;
    case "complete":
    case "count":
    case "reader":
    case "signal":
      return undefined;
  }
}
