import type { Outcome } from "@sluice/protocol";
import type { RunStore } from "../run/run-store.js";

/**
 * What the text of an entry is: an event whose data is JSON, an event whose data is a text as it is,
 * or the outcome with which the channel has ended.
 */
export type EntryKind = "json" | "text" | "end";

/** What a broker stores. */
export interface Entry {
  /**
   * Where the entry stands in its channel. Opaque but to its broker: 1 to 23 of the characters
   * `A-Z a-z 0-9 . _ -`, so that the cursors of 32 channels fit into one `Last-Event-ID`.
   */
  readonly id: string;
  readonly kind: EntryKind;
  /**
   * The event as it stands on the wire, without an id line; of an end its outcome, `failed`
   * or `cancelled`, or nothing where it is done.
   */
  readonly text: string;
}

/** How much of a channel is kept for those who come back. What exceeds one of these may be forgotten. */
export interface HistoryBounds {
  /** In events. 0 keeps nothing. */
  readonly count: number;
  /** In milliseconds. */
  readonly age: number;
  /** In bytes of UTF-8 of the texts. */
  readonly bytes: number;
}

/** What is to be stored. */
export interface Publication {
  readonly channel: string;
  readonly kind: EntryKind;
  readonly text: string;
  readonly history: HistoryBounds;
}

/**
 * Why a cursor can't be read from:
 *
 * - `malformed`: it is none of this broker's.
 * - `unknown`: it is of another channel, or of a history that is no more.
 * - `trimmed`: events after it have left the history.
 * - `ahead`: it lies behind the end that was asked for.
 */
export type Refusal = "malformed" | "unknown" | "trimmed" | "ahead";

/** A part of a channel's history. */
export type Page = PageOfEntries | RefusedPage;

export interface PageOfEntries {
  /** In order, without a gap; empty only where there is nothing after the cursor. */
  readonly entries: readonly Entry[];
  readonly refused?: undefined;
}

export interface RefusedPage {
  readonly refused: Refusal;
}

/**
 * Hears of what is stored in a channel. A broker may tell it late, twice, in another order or not at
 * all, because whoever follows reads what is missing; but an entry can be read before it is told.
 * Both calls return without throwing.
 */
export interface Follower {
  /**
   * An entry was stored.
   *
   * @param previous - the cursor before it: the id of the entry that it came after
   */
  deliver(previous: string, entry: Entry): void;
  /** The channel has come at least to this cursor, which shows whether anything was not told. */
  reached(position: string): void;
}

/** A channel that is followed. */
export interface Following {
  /** The cursor after which entries are told. */
  readonly position: string;
  /** How the channel has been ended already; undefined where it goes on. */
  readonly ended: Outcome | undefined;
  /** Nothing is told any more, from this call on. Calling it again does nothing. */
  stop(): void;
}

/**
 * Stores what is published in channels, gives it back to those who missed it and tells it to those
 * who follow. It is the truth about a channel: its order, its ids, what is left of its history.
 *
 * `@sluice/testing` has a suite that every broker must pass. A method that needs no waiting returns
 * its result and not a promise; joining a channel then takes no turn of the event loop.
 */
export interface Broker {
  /**
   * Says which process runs what, as widely and for as long as this broker keeps events. Without it,
   * every process knows of its own runs only. A broker that wraps another one hands it on.
   */
  readonly runs?: RunStore;
  /**
   * Stores an entry after all others of its channel, whole or not at all.
   *
   * @returns its id, as soon as it is as safe as this broker makes it
   * @throws SluiceError `ERR_CHANNEL_ENDED` when the channel has been ended; `ERR_NOT_STORED` when
   *   it is certain that it was not stored; `ERR_OUTCOME_UNKNOWN` when nobody knows
   */
  publish(publication: Publication): string | Promise<string>;
  /**
   * Begins to tell a follower what is stored, each entry after {@link Following.position}; nothing is
   * told before this has returned or resolved.
   */
  follow(channel: string, follower: Follower): Following | Promise<Following>;
  /**
   * Reads what was stored after a cursor. Takes no longer for a strange cursor than for a good one.
   *
   * @param after - a cursor, from wherever: it may be anything
   * @param through - a cursor that this broker gave out, the last to read; undefined for the newest
   * @param bytes - about how much to read at once; at least one entry is read
   */
  read(
    channel: string,
    after: string,
    through: string | undefined,
    bytes: number,
  ): Page | Promise<Page>;
  /**
   * The cursor that lies `count` entries before another, or as many as the history has left: reading
   * after it is not refused.
   */
  rewind(channel: string, count: number, from: string): string | Promise<string>;
  /** Frees everything. Publishing and following fail from then on. */
  close(): void | Promise<void>;
}
