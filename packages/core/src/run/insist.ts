/** How long to wait after a failure, in milliseconds: the first time, and at most. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** How one goes about what has to succeed. */
export interface Insistence {
  /** After how long it is given up, in milliseconds. */
  readonly within: number;
  /** Whether there is no use in trying again. */
  readonly isHopeless: (error: unknown) => boolean;
  /** Hears of the first failure. */
  readonly report: (error: unknown) => void;
}

/**
 * Tries until it succeeds, less and less often.
 *
 * @returns undefined when it was given up; it never rejects
 */
export async function insist<T>(
  attempt: () => T | PromiseLike<T>,
  { within, isHopeless, report }: Insistence,
): Promise<T | undefined> {
  const end = performance.now() + within;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await attempt();
    } catch (error) {
      if (pause === FIRST_PAUSE) report(error);
      if (isHopeless(error) || performance.now() + pause > end) return undefined;
    }
    await new Promise((resolve) => void setTimeout(resolve, pause).unref());
  }
}
