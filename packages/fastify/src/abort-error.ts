import type { CloseReason } from "@sluice/core";

/**
 * What a signal is aborted with; named as the platform names it, for `error.name === "AbortError"`.
 *
 * It has no stack: that would hold the connection for as long as a source that is stuck holds its signal.
 */
export function closedError(reason: CloseReason): DOMException {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new DOMException(`The connection closed: ${reason}.`, "AbortError");
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/**
 * Whether an error is what functions throw when their signal is aborted: those of the platform an
 * `AbortError`, libraries one of their own whose class is called so at its end.
 */
export function isAbortError(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "AbortError" || error.constructor.name.endsWith("AbortError"))
  );
}
