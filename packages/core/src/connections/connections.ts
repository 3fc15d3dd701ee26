import { randomUUID } from "node:crypto";
import { encodeRetry } from "@sluice/protocol";
import type { CloseReason } from "../close-reason.js";
import { Injectable } from "../decorators/injectable.js";
import { toMilliseconds, type Duration } from "../duration.js";
import { SluiceError } from "../errors.js";
import { show } from "../show.js";
import type { LiveConnection } from "./live-connection.js";
import type { Nodes } from "./nodes.js";
import type { HeldRevocation } from "./revocations.js";
import { type ConnectionSelector, readSelector } from "./selector.js";
import { type NodePart, ThisNode } from "./this-node.js";

/** A connection, as the adapter that holds it hands it over. */
export interface ClosableConnection extends LiveConnection {
  /** The head is out, or on its way: nothing is asked before it any more. */
  readonly isOpen: boolean;
  /**
   * Ends the stream after a last text; one whose head is not out yet is refused.
   *
   * @param farewell - a part of the stream as it stands on the wire
   */
  end(reason: CloseReason, farewell: string): void;
  /**
   * One that is not open yet may still be given what it would match by: it is asked again before it
   * opens.
   *
   * @param matches - whether it is meant after all
   */
  doubt(matches: () => boolean, reason: CloseReason): void;
}

/** Which connections are meant. */
export type ConnectionPredicate = (connection: LiveConnection) => boolean;

/** What {@link Connections.close} takes. */
export interface CloseOptions {
  /** What is noted as the reason; clients don't see it. @defaultValue `"revoked"` */
  readonly reason?: "revoked" | "expired";
  /** When the clients are to come back. @defaultValue what they have been told before */
  readonly retry?: Duration;
}

/** What {@link Connections.revoke} takes. */
export interface RevokeOptions extends CloseOptions {
  /**
   * How long those are refused who come and were not permitted later; 0 only ends streams. A little
   * longer than the old permission can be used, such as the rest of a token's life.
   * @defaultValue `"1m"`
   */
  readonly for?: Duration;
}

/** What {@link Connections.revoke} has done. */
export interface Revoked {
  /** How many streams it has ended in this process. */
  readonly local: number;
}

/** What counts are told under. */
const ALL = "connections";
const routeKey = (route: string): string => `route:${route}`;

/** Over how long the clients come back, in milliseconds, where all of them have to. */
const COME_BACK_WITHIN = 10_000;

/** The streams that are open in this application, and those that are about to open. It can be injected. */
@Injectable()
export class Connections {
  readonly #live = new Set<ClosableConnection>();
  readonly #part: NodePart = {
    end: (held) => this.#endRevoked(held),
    endAll: () => this.#endAll(),
    counts: () => this.#counts(),
  };
  #node = new ThisNode();
  #joined = 0;

  constructor() {
    this.#node.join(this.#part);
  }

  /** Those that match, the oldest first; all of them without a predicate. */
  list(predicate: ConnectionPredicate = () => true): LiveConnection[] {
    return [...this.#live].filter(predicate);
  }

  /** How many match; all of them without a predicate. */
  count(predicate?: ConnectionPredicate): number {
    if (predicate === undefined) return this.#live.size;
    let count = 0;
    for (const connection of this.#live) if (predicate(connection)) count++;
    return count;
  }

  /**
   * About how many there are on all nodes: here now, and elsewhere a few seconds ago. Without the
   * plugin's option `nodes` only those that are here.
   *
   * @param route - the handler, as in `"RoomsController.join"`
   * @defaultValue those of all routes
   * @throws what the nodes throw when they can't tell
   */
  async countEverywhere(route?: string): Promise<number> {
    if (route === undefined) return this.#live.size + (await this.#node.countElsewhere(ALL));
    const here = this.count((connection) => connection.route.name === route);
    return here + (await this.#node.countElsewhere(routeKey(route)));
  }

  /**
   * Ends the streams of this process that match, as when a permission is taken back, and refuses those
   * that are about to open and will match then. A client reconnects by itself, and the guards decide:
   * they must have learned of it before this is called. A function can't be told to other processes:
   * {@link revoke} is for all of them.
   *
   * @returns how many it has ended
   * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`; nothing is ended then
   */
  close(predicate: ConnectionPredicate, options: CloseOptions = {}): number {
    const { reason = "revoked" } = options;
    requireReason(reason, "connections.close");
    const farewell = farewellOf(readRetry(options, "connections.close"));
    // All are asked before the first ends: the predicate may look at the others.
    const [meant, others]: [ClosableConnection[], ClosableConnection[]] = [[], []];
    for (const connection of this.#live) (predicate(connection) ? meant : others).push(connection);
    for (const connection of others) connection.doubt(() => predicate(connection), reason);
    for (const connection of meant) connection.end(reason, farewell);
    return meant.length;
  }

  /**
   * Takes a permission back on all nodes: ends the streams that are meant, and refuses who comes and is
   * meant, before the head and before the handler, unless `connection.issuedAt` is later. It need not
   * wait for the guards to learn of it. Resolves when it is stored: no guard's answer from then on lets
   * in whom it means, on any node that can ask.
   *
   * Without the plugin's option `nodes` it is of this process alone.
   *
   * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`: nothing is done then; `ERR_NOT_STORED`,
   *   `ERR_OUTCOME_UNKNOWN`: it is in force in this process only, or nobody knows. Revoke again
   */
  async revoke(selector: ConnectionSelector, options: RevokeOptions = {}): Promise<Revoked> {
    const { reason = "revoked", for: lasts = "1m" } = options;
    requireReason(reason, "connections.revoke");
    const local = await this.#node.revoke({
      id: randomUUID(),
      selector: readSelector(selector),
      reason,
      retry: readRetry(options, "connections.revoke"),
      lasts: toMilliseconds(lasts, "connections.revoke: for"),
    });
    return { local };
  }

  /**
   * Becomes a part of several nodes; for adapters, and for processes that have no streams of their own.
   *
   * @returns what leaves; the nodes are closed when all have left
   * @throws SluiceError `ERR_OPTION` when they are none, or not those that have been joined already
   */
  join(nodes: Nodes): () => Promise<void> {
    const node = ThisNode.of(nodes);
    if (this.#joined > 0 && node !== this.#node) throw joinedOthers();
    this.#node = node;
    this.#joined++;
    const leave = node.join(this.#part);
    let left = false;
    return async () => {
      if (!left) this.#joined--;
      left = true;
      await leave();
    };
  }

  /** Resolves when all revocations of before the call are known; undefined where they are. For adapters. */
  sync(): Promise<void> | undefined {
    return this.#node.sync();
  }

  /** Why a connection may not open, if a revocation meets it. For adapters. */
  refuses(connection: LiveConnection): CloseReason | undefined {
    return this.#node.refuses(connection);
  }

  /** Takes a connection in; for adapters. */
  add(connection: ClosableConnection): void {
    this.#live.add(connection);
  }

  /** Lets a connection go; for adapters. */
  delete(connection: ClosableConnection): void {
    this.#live.delete(connection);
  }

  #endRevoked(held: HeldRevocation): number {
    const { reason, retry } = held.revocation;
    const farewell = farewellOf(retry);
    let ended = 0;
    for (const connection of this.#live) {
      // Of one that is not open yet, the guards may still say that it was permitted later.
      if (!connection.isOpen) connection.doubt(() => held.meets(connection), reason);
      else if (held.meets(connection)) {
        connection.end(reason, farewell);
        ended++;
      }
    }
    return ended;
  }

  #endAll(): void {
    for (const connection of this.#live) {
      const retry = 1 + Math.floor(Math.random() * COME_BACK_WITHIN);
      if (connection.isOpen) connection.end("revoked", encodeRetry(retry));
    }
  }

  #counts(): Iterable<[string, number]> {
    const counts = new Map<string, number>();
    for (const { route } of this.#live) {
      const key = routeKey(route.name);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts.set(ALL, this.#live.size);
  }
}

function readRetry({ retry }: CloseOptions, what: string): number | undefined {
  return retry === undefined ? undefined : toMilliseconds(retry, `${what}: retry`);
}

function farewellOf(retry: number | undefined): string {
  return retry === undefined ? "" : encodeRetry(retry);
}

function requireReason(reason: unknown, what: string): void {
  if (reason === "revoked" || reason === "expired") return;
  throw new SluiceError(
    "ERR_OPTION",
    `${what} takes "revoked" or "expired" for reason, not ${show(reason)}.`,
  );
}

function joinedOthers(): SluiceError {
  return new SluiceError(
    "ERR_OPTION",
    "These Connections are a part of other nodes already. Give all registrations that share them the same nodes.",
  );
}
