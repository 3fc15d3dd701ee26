import { constants } from "node:os";
import type { SseClientErrorCode } from "@sluice/client";
import type { Ending } from "./ending.js";

/** What the program's exit code says. A signal ends it as signals do: 130 for SIGINT, 143 for SIGTERM. */
export const EXIT_CODES = {
  /** Complete, or all that was asked for. */
  done: 0,
  /** The server's answer is an error of the client's or no stream; an event is too large; the output can't be written. */
  refused: 1,
  /** The command is wrong. */
  usage: 2,
  /** Not reached, or lost, and given up; or complete before `--count` was reached. */
  lost: 3,
  /** `--timeout` has passed. */
  timeout: 4,
  /** The server has said that the stream has failed for good, or was cancelled. */
  failed: 5,
} as const;

const OF_ERROR: Readonly<Record<SseClientErrorCode, number>> = {
  ERR_DISCONNECTED: EXIT_CODES.lost,
  ERR_SILENT: EXIT_CODES.lost,
  ERR_UNAVAILABLE: EXIT_CODES.lost,
  ERR_CANCELLED: EXIT_CODES.failed,
  ERR_FAILED: EXIT_CODES.failed,
  ERR_EVENT_TOO_LARGE: EXIT_CODES.refused,
  ERR_INVALID_EVENT: EXIT_CODES.refused,
  ERR_NOT_A_STREAM: EXIT_CODES.refused,
  ERR_OPTION: EXIT_CODES.usage,
  ERR_REFUSED: EXIT_CODES.refused,
  ERR_RESET: EXIT_CODES.refused,
};

/** @param untilComplete - whether only completion is a success */
export function exitCodeOf(ending: Ending, untilComplete: boolean): number {
  switch (ending.why) {
    case "complete":
    case "count":
    case "reader":
      return EXIT_CODES.done;
    case "short":
      return EXIT_CODES.lost;
    case "ended":
      return untilComplete ? EXIT_CODES.lost : EXIT_CODES.done;
    case "output":
      return EXIT_CODES.refused;
    case "error":
      return OF_ERROR[ending.error.code];
    case "timeout":
      return EXIT_CODES.timeout;
    case "signal":
      return 128 + constants.signals[ending.signal];
  }
}
