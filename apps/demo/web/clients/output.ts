/** Where a printed client's `console` writes: the same calls, shown on the page. */
export interface Output {
  log(...values: readonly unknown[]): void;
  error(...values: readonly unknown[]): void;
}
