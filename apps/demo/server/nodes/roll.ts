/** How often each node says that it lives, in milliseconds. */
export const BEAT = 500;
/** A node that has said nothing for so long is gone, in milliseconds. Its clients are back elsewhere before that. */
export const LEASE = 6000;
/** After so long a node that reaches the others has heard all of them, in milliseconds. */
export const SETTLED = 1500;

/** What a node says of itself, from time to time. */
export interface Report {
  readonly name: string;
  readonly started: number;
  readonly leads: boolean;
  /** The last report: the node ends. */
  readonly isLast: boolean;
  readonly posts: Readonly<Record<string, unknown>>;
}

/**
 * Which nodes live, by their reports. A node whose own reports are not stored can't tell: it does not lead until they have
 * been for a while, and counts nobody out until they have been for as long as a node may be silent.
 */
export class Roll {
  readonly #reports = new Map<string, { readonly report: Report; readonly heard: number }>();
  #stored = Number.NEGATIVE_INFINITY;
  #steadySince = Number.POSITIVE_INFINITY;

  /** @param id - of this process */
  constructor(private readonly id: string) {}

  /** A report of this node was stored. */
  stored(now: number): void {
    if (now - this.#stored > LEASE) this.#steadySince = now;
    this.#stored = now;
  }

  /** @returns whether the node had not been there */
  hear(id: string, report: Report, now: number): boolean {
    const isNew = !this.#reports.has(id);
    this.#reports.set(id, { report, heard: now });
    return isNew;
  }

  /** Counts out who is silent, and who has ended. @returns their processes */
  expire(now: number): string[] {
    const gone = [...this.#reports].filter(
      ([, { report, heard }]) =>
        report.isLast || (this.#isSteady(now, LEASE) && now - heard > LEASE),
    );
    for (const [id] of gone) this.#reports.delete(id);
    return gone.map(([id]) => id);
  }

  /** Whether this node is the oldest. @param started - when it did */
  leads(started: number, now: number): boolean {
    if (!this.#isSteady(now, SETTLED)) return false;
    return this.others.every(
      ([id, report]) => report.started > started || (report.started === started && id > this.id),
    );
  }

  /** The reports of the others, by their processes. */
  get others(): [id: string, report: Report][] {
    return [...this.#reports].map(([id, { report }]) => [id, report]);
  }

  /** Whether its own reports have been stored for so long. */
  #isSteady(now: number, duration: number): boolean {
    return now - this.#stored <= LEASE && now - this.#steadySince >= duration;
  }
}
