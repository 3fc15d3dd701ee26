/** How a lost stream is opened again; all times in milliseconds. */
export interface ReconnectOptions {
  /**
   * What the waiting starts from while the server has told no reconnection time (`retry:`).
   * @defaultValue 1000
   */
  readonly delay?: number;
  /**
   * What failures in a row add at most. A server that asks for more gets it.
   * @defaultValue 30000
   */
  readonly maxDelay?: number;
  /**
   * After how many failed attempts in a row the client gives up.
   * @defaultValue Infinity
   */
  readonly maxAttempts?: number;
}

/** The longest time that a timer can wait: it holds a signed number of 32 bits. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** What grows at least, so that a server's `retry: 0` does not make a client hammer. */
const LEAST = 100;

/**
 * Exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015), on top of what the
 * server asked for: never sooner than that, and spread, for the server's other clients have lost it too.
 *
 * @param failures - attempts in a row that have failed; 0 where the stream has worked
 * @param told - what the server asked for: its `retry:` or `Retry-After`
 * @returns milliseconds
 */
export function nextDelay(
  { delay = 1_000, maxDelay = 30_000 }: ReconnectOptions,
  failures: number,
  told: number | undefined,
): number {
  const spread = Math.min(maxDelay, Math.max(told ?? delay, LEAST) * 2 ** failures);
  return Math.min((told ?? 0) + Math.random() * spread, LONGEST_TIMER);
}
