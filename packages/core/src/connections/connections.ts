import { encodeRetry } from "@sluice/protocol";
import type { CloseReason } from "../close-reason.js";
import { Injectable } from "../decorators/injectable.js";
import { toMilliseconds, type Duration } from "../duration.js";
import type { LiveConnection } from "./live-connection.js";

/** A connection, as the adapter that holds it hands it over. */
export interface ClosableConnection extends LiveConnection {
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

/** The streams that are open in this application, and those that are about to open. It can be injected. */
@Injectable()
export class Connections {
  readonly #live = new Set<ClosableConnection>();

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
   * Ends the streams that match, as when a permission is taken back, and refuses those that are about
   * to open and will match then. A client reconnects by itself, and the guards decide: they must have
   * learned of it before this is called.
   *
   * @returns how many it has ended
   * @throws SluiceError `ERR_DURATION`; nothing is ended then
   */
  close(predicate: ConnectionPredicate, options: CloseOptions = {}): number {
    const { reason = "revoked", retry } = options;
    const farewell =
      retry === undefined ? "" : encodeRetry(toMilliseconds(retry, "connections.close: retry"));
    // All are asked before the first ends: the predicate may look at the others.
    const [meant, others]: [ClosableConnection[], ClosableConnection[]] = [[], []];
    for (const connection of this.#live) (predicate(connection) ? meant : others).push(connection);
    for (const connection of others) connection.doubt(() => predicate(connection), reason);
    for (const connection of meant) connection.end(reason, farewell);
    return meant.length;
  }

  /** Takes a connection in; for adapters. */
  add(connection: ClosableConnection): void {
    this.#live.add(connection);
  }

  /** Lets a connection go; for adapters. */
  delete(connection: ClosableConnection): void {
    this.#live.delete(connection);
  }
}
