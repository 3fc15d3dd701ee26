import { Buffer } from "node:buffer";
import type { Outcome } from "@sluice/protocol";
import type { Entry, EntryKind, Follower, HistoryBounds, Page } from "./broker.js";
import { formatCountedId, newNonce, parseCountedId } from "./counted-id.js";
import { outcomeOfEnd } from "./outcome.js";
import { Window } from "./window.js";

interface Stored extends Entry {
  readonly bytes: number;
  /** When it was stored, by the monotonic clock. */
  readonly at: number;
}

const NOTHING: HistoryBounds = { count: 0, age: 0, bytes: 0 };

/** About how many bytes an entry, and a log that has any, take beside the texts. */
export const ENTRY_BYTES = 200;
export const LOG_BYTES = 600;

/** How many bytes all logs take together: their texts, and what is around them. */
export interface Usage {
  bytes: number;
}

/** Somebody who follows a channel. The same follower may do so twice. */
export interface Subscription {
  readonly follower: Follower;
  /** The number of the last entry that it is not told. */
  readonly after: number;
}

/** One channel of the memory broker: what is left of its history, and who follows it. */
export class MemoryLog {
  readonly channel: string;
  readonly subscriptions = new Set<Subscription>();
  readonly #usage: Usage;
  readonly #nonce = newNonce();
  readonly #entries = new Window<Stored>(1);
  /** How much of the history is kept; each publication says it anew. */
  #bounds = NOTHING;
  #bytes = 0;
  #ended: Outcome | undefined;
  /** Somebody is being told of an entry. */
  #telling = false;
  /** The numbers and entries that came meanwhile. */
  #untold: (readonly [number: number, entry: Entry])[] = [];

  constructor(channel: string, usage: Usage) {
    this.channel = channel;
    this.#usage = usage;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How it has been ended; undefined while it goes on. */
  get ended(): Outcome | undefined {
    return this.#ended;
  }

  /** The id of the newest entry, or the cursor before the first. */
  get position(): string {
    return this.#id(this.#last);
  }

  subscribe(follower: Follower): Subscription {
    const subscription = { follower, after: this.#last };
    this.subscriptions.add(subscription);
    return subscription;
  }

  /** Stores an entry, forgets what exceeds the bounds, and doesn't tell it yet. */
  append(kind: EntryKind, text: string, bounds: HistoryBounds): Entry {
    const bytes = Buffer.byteLength(text);
    const id = this.#id(this.#entries.end);
    const entry: Stored = { id, kind, text, bytes, at: performance.now() };
    if (this.size === 0) this.#usage.bytes += LOG_BYTES;
    this.#entries.push(entry);
    this.#bytes += bytes;
    this.#usage.bytes += ENTRY_BYTES + bytes;
    this.#bounds = bounds;
    if (kind === "end") this.#ended = outcomeOfEnd(text);
    this.trim();
    return entry;
  }

  /** Tells everyone of the newest entry. */
  tell(entry: Entry): void {
    // What is published by somebody who is being told waits until everyone was told what is before it.
    if (this.#telling) {
      this.#untold.push([this.#last, entry]);
      return;
    }
    this.#telling = true;
    try {
      this.#tellAll(this.#last, entry);
      for (const [number, told] of this.#untold) this.#tellAll(number, told);
    } finally {
      this.#telling = false;
      if (this.#untold.length > 0) this.#untold = [];
    }
  }

  #tellAll(number: number, entry: Entry): void {
    if (this.subscriptions.size === 0) return;
    const previous = this.#entries.at(number - 1)?.id ?? this.#id(number - 1);
    for (const { follower, after } of this.subscriptions)
      if (number > after) follower.deliver(previous, entry);
  }

  /** Forgets what exceeds the bounds. */
  trim(): void {
    const { count, age, bytes } = this.#bounds;
    const oldest = performance.now() - age;
    for (;;) {
      const first = this.#entries.at(this.#entries.first);
      if (first === undefined) return;
      // The end is kept for its time, whatever the other bounds are: it is told to those who come later.
      const exceeds = first.kind !== "end" && (this.size > count || this.#bytes > bytes);
      if (!exceeds && first.at > oldest) return;
      this.forgetFirst();
    }
  }

  forgetFirst(): void {
    const first = this.#entries.shift();
    if (first === undefined) return;
    this.#bytes -= first.bytes;
    this.#usage.bytes -= ENTRY_BYTES + first.bytes;
    if (this.size === 0) this.#usage.bytes -= LOG_BYTES;
  }

  read(after: string, through: string | undefined, bytes: number): Page {
    const cursor = parseCountedId(after);
    if (cursor === undefined) return { refused: "malformed" };
    const last = this.#last;
    if (cursor.nonce !== this.#nonce || cursor.count > last) return { refused: "unknown" };
    const end = through === undefined ? last : Math.min(this.#count(through), last);
    if (cursor.count > end) return { refused: "ahead" };
    this.trim();
    if (cursor.count + 1 < this.#entries.first) return { refused: "trimmed" };
    const entries: Entry[] = [];
    let taken = 0;
    for (let n = cursor.count + 1; n <= end && (n === cursor.count + 1 || taken < bytes); n++) {
      const entry = this.#entries.at(n)!;
      entries.push(entry);
      taken += entry.bytes;
    }
    return { entries };
  }

  rewind(count: number, from: string): string {
    this.trim();
    return this.#id(Math.max(this.#entries.first - 1, this.#count(from) - count));
  }

  get #last(): number {
    return this.#entries.end - 1;
  }

  #id(count: number): string {
    return formatCountedId(this.#nonce, count);
  }

  /** The count of a cursor of this log. */
  #count(cursor: string): number {
    return parseCountedId(cursor)?.count ?? 0;
  }
}
