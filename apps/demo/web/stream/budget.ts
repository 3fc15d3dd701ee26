/** One connection that the page holds open. */
export interface Lease {
  /** Gives the connection back. Calling it again does nothing. */
  release(): void;
}

export type ConnectionKind = "events" | "wire";

interface Holder {
  readonly kind: ConnectionKind;
  readonly evict: () => void;
}

/**
 * Keeps the page within the six connections that a browser opens to a host over HTTP/1.1, for all
 * of its tabs together. One is left free for the calls that publish.
 *
 * Beyond the limit, the oldest reader of the wire is closed, for it only shows what an event stream
 * shows as well; when there is none, the oldest event stream.
 */
export class ConnectionBudget {
  readonly #holders = new Set<Holder>();

  constructor(
    readonly limit: number,
    private readonly onChange: (open: number) => void,
  ) {}

  /** How many connections are open. */
  get open(): number {
    return this.#holders.size;
  }

  /**
   * Takes a connection, and closes another one if there are too many.
   *
   * @param kind - what it is for
   * @param evict - closes it; called when it has to make room
   */
  take(kind: ConnectionKind, evict: () => void): Lease {
    while (this.#holders.size >= this.limit) this.#evictOne();
    const holder: Holder = { kind, evict };
    this.#holders.add(holder);
    this.onChange(this.#holders.size);
    return {
      release: () => {
        if (this.#holders.delete(holder)) this.onChange(this.#holders.size);
      },
    };
  }

  #evictOne(): void {
    // A set keeps the order of insertion: the first is the oldest.
    const holders = [...this.#holders];
    const victim = holders.find((holder) => holder.kind === "wire") ?? holders[0];
    if (victim === undefined) return;
    this.#holders.delete(victim);
    victim.evict();
  }
}
