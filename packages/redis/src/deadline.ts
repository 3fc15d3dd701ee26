/** How late a timer may be before the process counts as having been held up, in milliseconds. */
const LATE = 100;

/**
 * Waits for something, but not for ever. Where this process was held up meanwhile, it waits once more: what has come is not
 * looked at yet.
 *
 * @param timeout - in milliseconds
 * @param late - makes the error that is thrown when the time is up
 */
export function inTime<T>(promise: Promise<T>, timeout: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const due = performance.now() + timeout;
    let timer = setTimeout(() => {
      if (performance.now() - due > LATE) timer = setTimeout(() => reject(late()), timeout);
      else reject(late());
    }, timeout);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
