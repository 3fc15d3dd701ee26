// Takes the place of node:timers/promises, which no runner's fake clock moves: what is here asks the
// global timers, which they do.
import type { TimerOptions } from "node:timers";

/**
 * Resolves after so many milliseconds.
 *
 * @throws AbortError when the signal is aborted before
 */
export function setTimeout<T = void>(
  delay?: number,
  value?: T,
  options: TimerOptions = {},
): Promise<T> {
  return waited(options, value, (done) => {
    const timer = globalThis.setTimeout(done, delay);
    return { ref: (ref) => ref || timer.unref(), clear: () => clearTimeout(timer) };
  });
}

/**
 * Resolves in the next turn of the event loop.
 *
 * @throws AbortError when the signal is aborted before
 */
export function setImmediate<T = void>(value?: T, options: TimerOptions = {}): Promise<T> {
  return waited(options, value, (done) => {
    const timer = globalThis.setImmediate(done);
    return { ref: (ref) => ref || timer.unref(), clear: () => clearImmediate(timer) };
  });
}

/**
 * Yields every so many milliseconds.
 *
 * @throws AbortError when the signal is aborted
 */
export async function* setInterval<T = void>(
  delay?: number,
  value?: T,
  options: TimerOptions = {},
): AsyncGenerator<T, void, undefined> {
  let due = 0;
  let wake: (() => void) | undefined;
  const timer = globalThis.setInterval(() => {
    due++;
    wake?.();
  }, delay);
  try {
    for (;;) {
      if (due === 0) {
        await waited(options, undefined, (done) => {
          wake = done;
          return { ref: (ref) => ref || timer.unref(), clear: () => {} };
        });
      }
      due--;
      yield value as T;
    }
  } finally {
    clearInterval(timer);
  }
}

/** As that of node:timers/promises. */
export const scheduler = {
  wait: (delay: number, options?: TimerOptions): Promise<void> =>
    setTimeout(delay, undefined, options),
  yield: (): Promise<void> => setImmediate(),
};

interface Started {
  readonly ref: (ref: boolean) => unknown;
  readonly clear: () => void;
}

function waited<T>(
  { ref = true, signal }: TimerOptions,
  value: T | undefined,
  start: (done: () => void) => Started,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortError(signal));
      return;
    }
    const abort = (): void => {
      started.clear();
      reject(abortError(signal!));
    };
    const started = start(() => {
      signal?.removeEventListener("abort", abort);
      resolve(value as T);
    });
    started.ref(ref);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function abortError({ reason }: AbortSignal): Error {
  const error = new Error("The operation was aborted", { cause: reason });
  return Object.assign(error, { name: "AbortError", code: "ABORT_ERR" });
}
