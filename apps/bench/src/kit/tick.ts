/** What an event carries: its number on the stream, when it was made, and what makes it long. */
export interface Tick {
  readonly n: number;
  /** Nanoseconds of the monotonic clock. */
  readonly t: number;
  readonly pad?: string;
}

/**
 * Makes the payload of the next event of a stream.
 *
 * @param padding - how many characters it is made longer by; a text of its own, as an application's would be
 */
export function tick(n: number, padding = 0): Tick {
  const t = Number(process.hrtime.bigint());
  return padding === 0 ? { n, t } : { n, t, pad: "x".repeat(padding) };
}
