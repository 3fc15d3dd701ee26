/** What an event carries: its number on the stream, when it was made, and what makes it long. */
export interface Tick {
  readonly n: number;
  /** Nanoseconds of the monotonic clock. */
  readonly t: number;
  readonly pad?: string;
}

/** Makes the payload of the next event of a stream. */
export function tick(n: number, pad = ""): Tick {
  const t = Number(process.hrtime.bigint());
  return pad === "" ? { n, t } : { n, t, pad };
}
