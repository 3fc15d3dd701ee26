import type { Outcome } from "@sluice/protocol";
import { isPromise } from "../pipeline/is-promise.js";
import type { Entry } from "./broker.js";
import { CompositeCursor } from "./composite-cursor.js";
import type { Feed, FeedListener, FeedPage, Gap } from "./feed.js";
import type { Hub } from "./hub.js";
import type { Tap } from "./member.js";
import { outcomeOfEnd, worse } from "./outcome.js";

/**
 * Several channels as one, which ends when all of them have, and as failed if one of them did. Each entry keeps its text and gets an id that holds the cursors of all, so
 * that the order of each channel is kept, and none is between them.
 */
export class MergedFeed implements Feed {
  readonly key: string;
  readonly channels: readonly string[];
  readonly #acquire: () => readonly Hub[];
  readonly #cursor: CompositeCursor;
  readonly #taps: Tap[] = [];
  #hubs: readonly Hub[] = [];
  #listener: FeedListener | undefined;
  /** Where each channel is. */
  #positions: string[] = [];
  #running = 0;
  /** How it ends, as far as its channels have ended. */
  #outcome: Outcome = "done";

  /**
   * @param channels - sorted
   * @param acquire - gives their hubs, in the same order
   */
  constructor(channels: readonly string[], acquire: () => readonly Hub[]) {
    this.key = mergedKey(channels);
    this.channels = channels;
    this.#acquire = acquire;
    this.#cursor = new CompositeCursor(channels);
  }

  open(listener: FeedListener): void | Promise<void> {
    this.#listener = listener;
    // It may be opened again after a failure.
    if (this.#taps.length === 0) this.#tapAll(listener);
    const opening = this.#hubs.map((hub) => hub.open());
    return opening.some(isPromise)
      ? Promise.all(opening.map(async (opened) => opened)).then(() => this.#begin(listener))
      : this.#begin(listener);
  }

  read(after: string, through: string, bytes: number): FeedPage | Promise<FeedPage> {
    const ends = this.#cursor.parse(through) as string[];
    const known = this.#cursor.parse(after);
    if (known === undefined) {
      return { gap: { channels: this.channels, reason: "malformed", position: through } };
    }
    // A channel that the client did not have before begins for it now.
    const from = ends.map((end, index) => known[index] ?? end);
    if (known.includes(undefined))
      return { entries: [], next: this.#cursor.format(from), begins: true };
    const index = from.findIndex((cursor, at) => cursor !== ends[at]);
    if (index === -1) return { entries: [], next: through };
    const page = this.#hubs[index]!.page(from[index]!, ends[index]!, bytes);
    return isPromise(page)
      ? Promise.resolve(page).then((read) => this.#compose(read, from, index))
      : this.#compose(page, from, index);
  }

  rewind(count: number, from: string, channels: readonly string[]): string | Promise<string> {
    const cursors = this.#cursor.parse(from) as string[];
    const rewound = this.#hubs.map(({ feed }, index) =>
      channels.includes(this.channels[index]!)
        ? feed.rewind(count, cursors[index]!, feed.channels)
        : cursors[index]!,
    );
    return rewound.some(isPromise)
      ? Promise.all(rewound.map(async (cursor) => cursor)).then((all) => this.#cursor.format(all))
      : this.#cursor.format(rewound as string[]);
  }

  close(): void {
    for (const [index, tap] of this.#taps.entries()) this.#hubs[index]!.untap(tap);
  }

  /** Before they open: a hub that nobody uses would be released. */
  #tapAll(listener: FeedListener): void {
    this.#hubs = this.#acquire();
    for (const [index, hub] of this.#hubs.entries()) {
      const tap = this.#tap(index, listener);
      this.#taps.push(tap);
      hub.tap(tap);
    }
  }

  #begin(listener: FeedListener): void {
    this.#positions = this.#hubs.map((hub) => hub.head);
    this.#running = this.#hubs.filter(({ ended }) => ended === undefined).length;
    for (const { ended } of this.#hubs) this.#outcome = worse(this.#outcome, ended);
    const position = this.#cursor.format(this.#positions);
    listener.begin({ position, ended: this.#ended });
  }

  #tap(index: number, listener: FeedListener): Tap {
    return {
      at: 0,
      accept: (entry) => this.#accept(index, entry),
      lost: ({ position, ...gap }) => {
        this.#positions[index] = position;
        listener.lost({ ...gap, position: this.#cursor.format(this.#positions) });
      },
      report: (error) => listener.report(error),
      get size() {
        return listener.size;
      },
    };
  }

  #accept(index: number, entry: Entry): void {
    this.#positions[index] = entry.id;
    const { kind, text } = entry;
    if (kind === "end") {
      this.#running--;
      this.#outcome = worse(this.#outcome, outcomeOfEnd(text));
    }
    // The end of one is told too: its id is where the client is then.
    const id = this.#cursor.format(this.#positions);
    this.#listener!.accept({ id, kind, text }, this.#ended);
  }

  get #ended(): Outcome | undefined {
    return this.#running === 0 ? this.#outcome : undefined;
  }

  /** Gives a page of one channel the ids of all; the others stay where they are. */
  #compose(page: FeedPage, from: readonly string[], index: number): FeedPage {
    if (page.gap !== undefined) {
      const gap: Gap = { ...page.gap, position: this.#at(from, index, page.gap.position) };
      return { gap };
    }
    const entries = page.entries
      .filter(({ kind }) => kind !== "end")
      .map(({ id, kind, text }) => ({ id: this.#at(from, index, id), kind, text }));
    return { entries, next: this.#at(from, index, page.next) };
  }

  #at(from: readonly string[], index: number, cursor: string): string {
    return this.#cursor.format(from.with(index, cursor));
  }
}

/**
 * What tells a merge apart: no name of a channel has a control character.
 *
 * @param channels - sorted
 */
export function mergedKey(channels: readonly string[]): string {
  return `\n${channels.join("\n")}`;
}
