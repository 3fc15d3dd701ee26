import { setTimeout as delay } from "node:timers/promises";
import { isPromise } from "../pipeline/is-promise.js";
import type { Broker, Entry, Follower, Following, Page } from "./broker.js";
import type { Feed, FeedListener, FeedPage } from "./feed.js";
import { endText, outcomeOfEnd } from "./outcome.js";

/** How much is read at once to repair a gap, in bytes: after a failure less, since the broker may be slow. */
const REPAIR_BYTES = 262_144;
const LEAST_REPAIR_BYTES = 4_096;

/** How long to wait after a broker has failed, in milliseconds: the first time, and at most. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5_000;

/**
 * One channel of a broker. What the broker tells late, twice or out of order is put right here: an
 * entry is accepted when it comes right after the last one; otherwise what is missing is read.
 */
export class ChannelFeed implements Feed, Follower {
  readonly key: string;
  readonly channels: readonly string[];
  readonly #broker: Broker;
  readonly #channel: string;
  readonly #closing = new AbortController();
  #listener: FeedListener | undefined;
  #following: Following | undefined;
  /** The id of the last entry that was accepted; undefined until it is known where to begin. */
  #last: string | undefined;
  #ended = false;
  /** The cursors that the broker has told of and that have not been reached, in the order of telling. */
  readonly #heard = new Set<string>();
  #repair: Promise<void> | undefined;
  /** Ends the pause after a failure. */
  #pausing: AbortController | undefined;

  constructor(broker: Broker, channel: string) {
    this.#broker = broker;
    this.#channel = channel;
    this.key = channel;
    this.channels = [channel];
  }

  open(listener: FeedListener): void | Promise<void> {
    this.#listener = listener;
    const following = this.#broker.follow(this.#channel, this);
    return isPromise(following)
      ? Promise.resolve(following).then((opened) => this.#begin(opened, listener))
      : this.#begin(following, listener);
  }

  read(after: string, through: string, bytes: number): FeedPage | Promise<FeedPage> {
    const page = this.#broker.read(this.#channel, after, through, bytes);
    return isPromise(page)
      ? Promise.resolve(page).then((read) => this.#toFeedPage(read, after, through, bytes))
      : this.#toFeedPage(page, after, through, bytes);
  }

  rewind(count: number, from: string): string | Promise<string> {
    // The end is an entry too, but no event.
    const entries = this.#ended && from === this.#last ? count + 1 : count;
    return this.#broker.rewind(this.#channel, entries, from);
  }

  close(): void {
    this.#closing.abort();
    this.#following?.stop();
  }

  deliver(previous: string, entry: Entry): void {
    if (this.#closing.signal.aborted) return;
    if (previous === this.#last && this.#repair === undefined) this.#accept(entry);
    else this.#hear(entry.id);
  }

  reached(position: string): void {
    this.#hear(position);
    // Who tells this has asked the store, so it is there again.
    this.#pausing?.abort();
  }

  #hear(position: string): void {
    if (this.#closing.signal.aborted || position === this.#last) return;
    if (this.#last !== undefined && this.#listener!.has(position)) return;
    this.#heard.add(position);
    // What is told before it is known where to begin is looked at then.
    if (this.#last !== undefined) void this.#catchUp();
  }

  #begin(following: Following, listener: FeedListener): void {
    // The last subscriber may have left meanwhile.
    if (this.#closing.signal.aborted) return following.stop();
    this.#following = following;
    this.#last = following.position;
    this.#ended = following.ended !== undefined;
    listener.begin(following);
    this.#heard.delete(this.#last);
    if (this.#heard.size > 0) void this.#catchUp();
  }

  #accept(entry: Entry): void {
    this.#last = entry.id;
    this.#ended = entry.kind === "end";
    this.#heard.delete(entry.id);
    this.#listener!.accept(entry, this.#ended ? outcomeOfEnd(entry.text) : undefined);
  }

  #toFeedPage(
    page: Page,
    after: string,
    through: string,
    bytes: number,
  ): FeedPage | Promise<FeedPage> {
    if (page.refused === undefined) {
      return { entries: page.entries, next: page.entries.at(-1)?.id ?? through };
    }
    if (page.refused === "ahead") return this.#readAhead(after, bytes);
    return { gap: { channels: this.channels, reason: page.refused, position: through } };
  }

  /** The client has been told more, by another process, than has been heard here so far. */
  async #readAhead(after: string, bytes: number): Promise<FeedPage> {
    // What is just being told will have come.
    await Promise.resolve();
    if (!this.#listener!.has(after)) await this.#catchUp();
    if (this.#listener!.has(after)) return { entries: [], next: after };
    const position = this.#last!;
    const page = await this.#broker.read(this.#channel, after, position, bytes);
    if (page.refused !== "ahead") return this.#toFeedPage(page, after, position, bytes);
    return { gap: { channels: this.channels, reason: "unknown", position } };
  }

  /** Reads what is stored and has not been accepted. */
  #catchUp(): Promise<void> {
    return (this.#repair ??= this.#readOn());
  }

  async #readOn(): Promise<void> {
    let pause = FIRST_PAUSE;
    let bytes = REPAIR_BYTES;
    do {
      try {
        await this.#readMore(bytes);
        pause = FIRST_PAUSE;
        bytes = Math.min(bytes * 2, REPAIR_BYTES);
      } catch (error) {
        bytes = Math.max(bytes / 4, LEAST_REPAIR_BYTES);
        this.#listener!.report(error);
        // Spread, because all processes fail together when their broker does.
        const spread = pause * (0.5 + Math.random());
        pause = Math.min(pause * 2, LONGEST_PAUSE);
        this.#pausing = new AbortController();
        const signal = AbortSignal.any([this.#closing.signal, this.#pausing.signal]);
        await delay(spread, undefined, { signal, ref: false }).catch(() => undefined);
        this.#pausing = undefined;
      }
    } while (this.#repair !== undefined && !this.#closing.signal.aborted);
  }

  async #readMore(bytes: number): Promise<void> {
    const told = this.#heard.size;
    const page = await this.#broker.read(this.#channel, this.#last!, undefined, bytes);
    if (this.#closing.signal.aborted) return;
    if (page.refused !== undefined) return this.#beginAnew();
    for (const entry of page.entries) this.#accept(entry);
    // What was told before there was nothing to read is an old story; what was told meanwhile is not.
    if (page.entries.length === 0) this.#forget(told);
    // In the same tick as the last look: what is told from now on is accepted, or repaired anew.
    if (this.#heard.size === 0) this.#repair = undefined;
  }

  /** Forgets the first of the cursors that were told. */
  #forget(count: number): void {
    let left = count;
    for (const cursor of this.#heard) {
      if (left-- === 0) return;
      this.#heard.delete(cursor);
    }
  }

  /** The store doesn't know any more what came after the last entry. */
  async #beginAnew(): Promise<void> {
    const following = await this.#broker.follow(this.#channel, this);
    if (this.#closing.signal.aborted) return following.stop();
    // Not before: if it fails and the history is there again, this goes on.
    this.#following?.stop();
    this.#following = following;
    const { position, ended } = following;
    this.#last = position;
    this.#listener!.lost({ channels: this.channels, reason: "lost", position });
    // What ended it came before.
    if (ended !== undefined) this.#accept({ id: position, kind: "end", text: endText(ended) });
  }
}
