/** What was counted between start and stop, by name. */
export type Reading = Readonly<Record<string, number>>;

/** Counts what a stretch of the program does. */
export interface Meter {
  start(): void;
  stop(): Reading | Promise<Reading>;
}
