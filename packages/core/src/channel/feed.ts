import type { Reset } from "@sluice/protocol";
import type { Entry } from "./broker.js";

/** Events that can't be given, and the cursor from which nothing is missing. */
export interface Gap extends Reset {
  readonly position: string;
}

/** What a feed has read; `next` is the cursor behind it. */
export type FeedPage =
  | { readonly entries: readonly Entry[]; readonly next: string; readonly gap?: undefined }
  | { readonly gap: Gap };

/** What a feed tells, each entry once and in order. */
export interface FeedListener {
  /** How many connections hear of it. */
  readonly size: number;
  accept(entry: Entry): void;
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
  readonly ended: boolean;
}

/** The entries of one channel, or of several as one. */
export interface Feed {
  readonly channels: readonly string[];
  /** Begins to tell what comes. */
  open(listener: FeedListener): FeedStart | Promise<FeedStart>;
  /**
   * Reads what came after a cursor, whatever that is, up to one that was accepted.
   *
   * @param bytes - about how much to read at once
   */
  read(after: string, through: string, bytes: number): FeedPage | Promise<FeedPage>;
  /** The cursor so many entries before another, or as many as there are. */
  rewind(count: number, from: string): string | Promise<string>;
  close(): void;
}
