import { SluiceError } from "@sluice/core";

/** The longest delay that a Node timer can take. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** What ends a connection by the clock: its longest duration, its permission's end, guards that are asked again. */
export class Lifetime {
  readonly #end: (reason: "timeout" | "expired") => void;
  #duration: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #recheck: NodeJS.Timeout | undefined;
  #expiresAt: Date | undefined;
  #over = false;

  constructor(end: (reason: "timeout" | "expired") => void) {
    this.#end = end;
  }

  get expiresAt(): Date | undefined {
    return this.#expiresAt;
  }

  /** @throws SluiceError `ERR_OPTION` for an invalid date: what has no time must not last for ever */
  set expiresAt(time: Date | undefined) {
    if (time !== undefined && !(time instanceof Date && !Number.isNaN(time.getTime()))) {
      throw new SluiceError(
        "ERR_OPTION",
        `connection.expiresAt must be a Date, or undefined for never, not ${String(time)}. A token's exp is in seconds: new Date(exp * 1000). Refuse a token that does not say until when it is valid.`,
      );
    }
    this.#expiresAt = time;
    clearTimeout(this.#expiry);
    if (!this.#over) this.#awaitExpiry();
  }

  /**
   * Begins the longest duration.
   *
   * @param most - in milliseconds. Shortened by up to a tenth, so that clients that came together don't
   * come back together
   */
  limit(most: number): void {
    const duration = Math.ceil(most * (1 - Math.random() / 10));
    this.#duration = setTimeout(() => this.#end("timeout"), duration).unref();
  }

  /**
   * Does something again and again, each time after the last has come to its end.
   *
   * @param every - in milliseconds; shortened by up to a tenth, too
   */
  repeat(every: number, check: () => Promise<void>): void {
    if (this.#over) return;
    const delay = Math.ceil(every * (1 - Math.random() / 10));
    this.#recheck = setTimeout(() => {
      void check().finally(() => this.repeat(every, check));
    }, delay).unref();
  }

  stop(): void {
    this.#over = true;
    clearTimeout(this.#duration);
    clearTimeout(this.#expiry);
    clearTimeout(this.#recheck);
  }

  #awaitExpiry(): void {
    if (this.#expiresAt === undefined) return;
    const left = this.#expiresAt.getTime() - Date.now();
    if (left <= 0) this.#end("expired");
    else {
      // A time that is further away than a timer reaches is waited for in parts.
      const delay = Math.min(left, LONGEST_DELAY);
      this.#expiry = setTimeout(() => this.#awaitExpiry(), delay).unref();
    }
  }
}
