import { isPromise } from "../pipeline/is-promise.js";

/**
 * Calls the application back. What it throws, or rejects with, is reported and stops nothing.
 *
 * @param report - takes the error; without it, it becomes a warning of the process
 */
export function callBack(callback: () => unknown, report: (error: unknown) => void = warn): void {
  try {
    const result = callback();
    if (isPromise(result)) Promise.resolve(result).catch(report);
  } catch (error) {
    report(error);
  }
}

/** Shows an error for which there is no log. */
export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
