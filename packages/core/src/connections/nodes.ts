import type { CloseOptions } from "./connections.js";
import type { ConnectionSelector } from "./selector.js";

/** A permission that was taken back. */
export interface Revocation {
  /** Tells it apart from all others. */
  readonly id: string;
  readonly selector: ConnectionSelector;
  /** When it was stored, by the clock of the store, in milliseconds since 1970. */
  readonly at: number;
  /** Until when it refuses who comes, by the same clock; {@link at} for one that only ends streams. */
  readonly until: number;
  readonly reason: NonNullable<CloseOptions["reason"]>;
  /** When the clients are to come back, in milliseconds. */
  readonly retry: number | undefined;
}

/** A revocation that is to be stored. */
export interface NewRevocation extends Omit<Revocation, "at" | "until"> {
  /** How long it refuses who comes, in milliseconds. */
  readonly lasts: number;
}

/** What a process does about the others. Its methods return without throwing. */
export interface NodesListener {
  /**
   * A revocation was stored, by this node or another. It may be told twice.
   *
   * @param now - the time by the clock of the store
   */
  revoked(revocation: Revocation, now: number): void;
  /** Revocations were stored that can't be told any more: nobody knows whom they met. */
  missed(): void;
  /** The revocations that still refuse someone, for a store that has lost them. */
  standing(): Iterable<Revocation>;
  /** What this node has, by key, without what it has none of. */
  counts(): ReadonlyMap<string, number>;
}

/**
 * Tells the nodes of an application what the others revoke, and how many connections they have. The
 * plugin's option `nodes` takes one; `RedisNodes` is in `@sluice/redis`.
 */
export interface Nodes {
  /** Begins to tell. Called once, before all else, and returns at once: who is not there yet is asked again. */
  open(listener: NodesListener): void;
  /**
   * Stores a revocation. Resolves when it is stored and this node's own listener was told: what any
   * node asks for by {@link sync} from then on brings it.
   *
   * @throws SluiceError `ERR_NOT_STORED` when it is certain that it was not stored; `ERR_OUTCOME_UNKNOWN`
   *   when nobody knows
   */
  revoke(revocation: NewRevocation): Promise<void>;
  /**
   * Resolves when the listener was told everything that was stored before the call. It is called for
   * each connection, once its guards have let it in.
   *
   * @returns undefined when there is nothing to wait for
   * @throws when nobody can tell; the connection is then refused
   */
  sync(): Promise<void> | undefined;
  /**
   * How many the other nodes have of a key, as they have told lately. What a node has told that is gone
   * must not count for long.
   *
   * @throws when nobody can tell
   */
  count(key: string): Promise<number>;
  /** Takes back what it has told of its counts, and frees everything. */
  close(): void | Promise<void>;
}
