/**
 * Reads from the wire the two fields that a client has to remember, `id` and `retry`, by the rules of
 * the WHATWG HTML standard, section 9.2.6. Lines are handed over whole, without their end.
 */
export class FieldScanner {
  #pendingId: string | undefined;
  #lastEventId = "";
  #retry: number;

  /** @param retry - how long to wait before a reconnect until the server says otherwise, in milliseconds */
  constructor(retry: number) {
    this.#retry = retry;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  get retry(): number {
    return this.#retry;
  }

  /** Takes one line. An id counts from the blank line that ends its block. */
  line(text: string): void {
    if (text === "") {
      if (this.#pendingId !== undefined) this.#lastEventId = this.#pendingId;
      this.#pendingId = undefined;
      return;
    }
    const colon = text.indexOf(":");
    const field = colon === -1 ? text : text.slice(0, colon);
    const value = colon === -1 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "id" && !value.includes("\0")) this.#pendingId = value;
    if (field === "retry" && /^\d+$/.test(value)) this.#retry = Number(value);
  }

  /** Forgets what a cut connection left unfinished. */
  restart(): void {
    this.#pendingId = undefined;
  }
}
