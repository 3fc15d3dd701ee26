/** After how many steps everything that was begun in one is done. */
const SETTLED = 2;

/**
 * Does something so many times, each time in a turn of the event loop that is followed by another, for
 * what gathers in it to go out. Resolves when all of it is done. Without promises: they would be counted.
 */
export function inTurns(times: number, act: () => void): Promise<void> {
  return new Promise((resolve) => {
    let step = 0;
    const next = (): void => {
      if (step++ < times) act();
      if (step > times + SETTLED) resolve();
      else setImmediate(pass);
    };
    const pass = (): void => void setImmediate(next);
    setImmediate(next);
  });
}
