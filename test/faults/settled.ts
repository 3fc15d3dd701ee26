import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits until something has come about, or for so long.
 *
 * @param within - in milliseconds
 */
export async function settled(done: () => boolean, within: number): Promise<void> {
  const deadline = performance.now() + within;
  while (!done() && performance.now() < deadline) await delay(5);
}
