/**
 * Knows when the newest connection of a handle was opened, by the server's clock. An event that was
 * published before that was replayed.
 */
export class Opening {
  #opened: number | undefined;

  /** @param handle - by which the server knows the connection */
  constructor(private readonly handle: string) {}

  /** Makes a `fetch` that reads it from the head of an answer, and so before the first event. */
  watch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (input, init) => {
      const response = await fetch(input, init);
      const opened = response.headers.get("x-opened");
      this.#opened = response.ok && opened !== null ? Number(opened) : undefined;
      return response;
    };
  }

  /** Whether it is known when the connection was opened. */
  get isKnown(): boolean {
    return this.#opened !== undefined;
  }

  /** The connection is gone. */
  forget(): void {
    this.#opened = undefined;
  }

  /** Asks the server: of a connection that another tab has opened, nobody else tells. */
  async ask(): Promise<void> {
    this.#opened = await openedAt(this.handle);
  }

  /**
   * @param at - when an event was published, by the server's clock, in milliseconds
   * @returns undefined where it is not known when the connection was opened
   */
  isReplayed(at: number): boolean | undefined {
    return this.#opened === undefined ? undefined : at < this.#opened;
  }
}

async function openedAt(handle: string): Promise<number | undefined> {
  try {
    const response = await fetch(`/connections/${handle}`);
    // The connection may be gone again.
    if (!response.ok) return undefined;
    return ((await response.json()) as { opened: number }).opened;
  } catch {
    return undefined;
  }
}
