/** Whether an error is what platform functions throw when their signal is aborted. */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
