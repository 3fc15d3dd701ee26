interface Lease {
  readonly attempt: string;
  /** By the monotonic clock, like the other. */
  heldUntil: number;
  watchedUntil: number;
}

/**
 * Who holds which run, and who has said that others listen to it. It is in memory, because the one
 * process that can hold anything here is this one: after a restart nothing is held.
 */
export class RunLeases {
  readonly #leases = new Map<string, Lease>();

  /** Begins to hold a run, which nobody watches yet. */
  begin(place: string, attempt: string, lease: number): void {
    const now = performance.now();
    this.#leases.set(place, { attempt, heldUntil: now + lease, watchedUntil: now });
  }

  isHeld(place: string, attempt: string): boolean {
    return this.#find(place, attempt) !== undefined;
  }

  isWatched(place: string, attempt: string): boolean {
    return (this.#find(place, attempt)?.watchedUntil ?? 0) > performance.now();
  }

  /** Holds a run that is held for another while. */
  renew(place: string, attempt: string, lease: number): void {
    const found = this.#find(place, attempt);
    if (found !== undefined) found.heldUntil = performance.now() + lease;
  }

  watch(place: string, attempt: string, lease: number): void {
    const found = this.#find(place, attempt);
    if (found === undefined) return;
    // Others watch it too, and perhaps for longer.
    found.watchedUntil = Math.max(found.watchedUntil, performance.now() + lease);
  }

  end(place: string, attempt: string): void {
    if (this.#leases.get(place)?.attempt === attempt) this.#leases.delete(place);
  }

  #find(place: string, attempt: string): Lease | undefined {
    const lease = this.#leases.get(place);
    return lease?.attempt === attempt && lease.heldUntil > performance.now() ? lease : undefined;
  }
}
