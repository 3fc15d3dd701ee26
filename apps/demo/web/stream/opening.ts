/**
 * Knows when the newest connection of a handle was opened, by the server's clock. An event that was
 * published before that was replayed.
 */
export class Opening {
  #opened: number | undefined;

  /** @param handle - by which the server knows the connection */
  constructor(private readonly handle: string) {}

  /** Makes a `fetch` that asks the server before it hands over a stream, and so before the first event. */
  watch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (input, init) => {
      const response = await fetch(input, init);
      this.#opened = response.ok ? await openedAt(this.handle, init?.signal) : undefined;
      return response;
    };
  }

  /**
   * @param at - when an event was published, by the server's clock, in milliseconds
   * @returns undefined where it is not known when the connection was opened
   */
  isReplayed(at: number): boolean | undefined {
    return this.#opened === undefined ? undefined : at < this.#opened;
  }
}

async function openedAt(
  handle: string,
  signal: AbortSignal | null | undefined,
): Promise<number | undefined> {
  try {
    const response = await fetch(`/connections/${handle}`, { signal: signal ?? null });
    // The connection may be gone again.
    if (!response.ok) return undefined;
    return ((await response.json()) as { opened: number }).opened;
  } catch {
    return undefined;
  }
}
