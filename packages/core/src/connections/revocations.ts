import type { LiveConnection } from "./live-connection.js";
import type { Revocation } from "./nodes.js";
import { connectionKeys, selectorKey, selects } from "./selector.js";

/** How often those that are over are looked for at most, in milliseconds. */
const PRUNE_INTERVAL = 1_000;

/** A revocation as this process holds it, by its own clocks. */
export class HeldRevocation {
  readonly revocation: Revocation;
  /** Until when it refuses, by the clock that nobody sets. */
  readonly #over: number;
  /** When it was stored, by the clock that says when connections came. */
  readonly #at: number;

  /** @param now - the time by the clock of the store */
  constructor(revocation: Revocation, now: number) {
    this.revocation = revocation;
    this.#over = performance.now() + Math.max(0, revocation.until - now);
    this.#at = Date.now() - Math.max(0, now - revocation.at);
  }

  get isOver(): boolean {
    return performance.now() >= this.#over;
  }

  /**
   * Whether a connection may not be. One that was permitted later may; when it is over, so may one that
   * came later.
   */
  meets(connection: LiveConnection): boolean {
    const { selector, at } = this.revocation;
    if (!selects(selector, connection)) return false;
    const { issuedAt } = connection;
    if (issuedAt !== undefined && issuedAt.getTime() > at) return false;
    return !this.isOver || connection.since.getTime() <= this.#at;
  }
}

/** The revocations that refuse someone still. */
export class Revocations {
  readonly #held = new Map<string, HeldRevocation>();
  readonly #byKey = new Map<string, Set<HeldRevocation>>();
  #pruned = 0;

  /** How many there are. */
  get size(): number {
    this.#prune();
    return this.#held.size;
  }

  has(id: string): boolean {
    return this.#held.has(id);
  }

  add(held: HeldRevocation): void {
    if (held.isOver) return;
    this.#prune();
    const { id, selector } = held.revocation;
    this.#held.set(id, held);
    const key = selectorKey(selector);
    const others = this.#byKey.get(key);
    if (others === undefined) this.#byKey.set(key, new Set([held]));
    else others.add(held);
  }

  /** One that meets a connection, if there is one. */
  find(connection: LiveConnection): Revocation | undefined {
    if (this.#held.size === 0) return undefined;
    this.#prune();
    for (const key of connectionKeys(connection)) {
      for (const held of this.#byKey.get(key) ?? []) {
        if (!held.isOver && held.meets(connection)) return held.revocation;
      }
    }
    return undefined;
  }

  /** All of them. */
  *[Symbol.iterator](): Generator<Revocation> {
    for (const held of this.#held.values()) if (!held.isOver) yield held.revocation;
  }

  #prune(): void {
    const now = performance.now();
    if (now - this.#pruned < PRUNE_INTERVAL) return;
    this.#pruned = now;
    for (const [id, held] of this.#held) {
      if (!held.isOver) continue;
      this.#held.delete(id);
      const key = selectorKey(held.revocation.selector);
      const others = this.#byKey.get(key)!;
      others.delete(held);
      if (others.size === 0) this.#byKey.delete(key);
    }
  }
}
