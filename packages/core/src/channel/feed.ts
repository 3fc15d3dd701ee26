import type { Outcome, Reset } from "@sluice/protocol";
import type { Entry } from "./broker.js";

/** Events that can't be given, and the cursor from which nothing is missing. */
export interface Gap extends Reset {
  readonly position: string;
}

/** What a feed has read. */
export type FeedPage = PageOfFeed | { readonly gap: Gap };

export interface PageOfFeed {
  readonly entries: readonly Entry[];
  /** The cursor behind them. */
  readonly next: string;
  /** A channel begins here for the client, which knows nothing of it yet. */
  readonly begins?: true;
  readonly gap?: undefined;
}

/** What a feed tells, each entry once and in order. */
export interface FeedListener {
  /** How many connections hear of it. */
  readonly size: number;
  /** Told once, before all else, and in the same step of the program as the feed begins to tell. */
  begin(start: FeedStart): void;
  /** @param ended - with which outcome, if it is the last one that there will be */
  accept(entry: Entry, ended: Outcome | undefined): void;
  /** What came before a cursor may be missing. */
  lost(gap: Gap): void;
  /** Whether a cursor is one that was accepted a while ago at most. */
  has(cursor: string): boolean;
  /** Takes note of an error that the feed recovers from. */
  report(error: unknown): void;
}

/** Where a feed began. */
export interface FeedStart {
  readonly position: string;
  /** How it has been ended already, if it has. */
  readonly ended: Outcome | undefined;
}

/** The entries of one channel, or of several as one. */
export interface Feed {
  /** Tells it apart from all others. */
  readonly key: string;
  readonly channels: readonly string[];
  /** Begins to tell what comes; without a promise where the broker needs none. */
  open(listener: FeedListener): void | Promise<void>;
  /**
   * Reads what came after a cursor, whatever that is, up to one that was accepted.
   *
   * @param bytes - about how much to read at once
   */
  read(after: string, through: string, bytes: number): FeedPage | Promise<FeedPage>;
  /**
   * The cursor so many entries before another, or as many as there are.
   *
   * @param channels - those to go back in; the others stay where they are
   */
  rewind(count: number, from: string, channels: readonly string[]): string | Promise<string>;
  close(): void;
}
