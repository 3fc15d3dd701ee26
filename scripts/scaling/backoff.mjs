/** What grows at least, in milliseconds. */
const LEAST = 100;

/** What failures in a row add at most where the client's option `maxDelay` says nothing else, in milliseconds. */
export const MAX_DELAY = 30_000;

/**
 * How long Sluice's client waits before it comes back, as packages/client/src/backoff.ts has it.
 *
 * @param {number} failures attempts in a row that have failed; 0 where the stream has worked
 * @param {number | undefined} told what the server asked for, in milliseconds
 * @param {() => number} random
 * @param {number} [maxDelay] the client's option, in milliseconds
 * @returns {number} in milliseconds
 */
export function nextDelay(failures, told, random, maxDelay = MAX_DELAY) {
  const spread = Math.min(maxDelay, Math.max(told ?? 1_000, LEAST) * 2 ** failures);
  return (told ?? 0) + random() * spread;
}
