import { setTimeout as delay } from "node:timers/promises";

/** Between attempts, in milliseconds. */
const PAUSE = 20;

/**
 * Tries something until it succeeds or time is up, but twice at least: when this process was held up itself, the first
 * attempt has run out of time whatever the server did.
 *
 * @param timeout - in milliseconds
 * @param isOver - whether it makes no sense any more
 * @throws what the last attempt threw
 */
export async function persistently<T>(
  attempt: () => Promise<T>,
  timeout: number,
  isOver: () => boolean,
): Promise<T> {
  const deadline = performance.now() + timeout;
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (isOver() || (attempts > 1 && performance.now() >= deadline)) throw error;
      await delay(PAUSE);
    }
  }
}
