import type { SourceIterator } from "./source.js";

/** How often a source that yields while it is being stopped is stepped on. */
export const MAX_STOP_STEPS = 1_000;

/**
 * Stops an iterator and sees it to its end: a generator that yields in `finally` answers `return()`
 * with a value, and the code after that yield runs only if it is stepped on. What it yields is dropped.
 *
 * @returns whether it came to its end; false after a thousand steps, when it is left where it is
 * @throws what the source throws while it stops
 */
export async function stopIterator(iterator: SourceIterator): Promise<boolean> {
  if (iterator.return === undefined) return true;
  let step = await iterator.return(undefined);
  for (let steps = 0; !step.done; steps++) {
    if (steps === MAX_STOP_STEPS) return false;
    step = await iterator.next();
  }
  return true;
}
