import type { Outcome } from "@sluice/protocol";
import { isPromise } from "../pipeline/is-promise.js";
import type { Outlet } from "../stream/push-source.js";
import { type Flushable, scheduleFlush } from "../turn.js";
import { Batch } from "./batch.js";
import type { Entry } from "./broker.js";
import type { Feed, FeedListener, FeedPage, FeedStart, Gap } from "./feed.js";
import type { Member, Tap } from "./member.js";
import type { PageCache, SharedPage } from "./page-cache.js";
import { Ring } from "./ring.js";

/** From so many bytes on, what a connection has not taken makes it one that is behind. */
export const BATCH_BYTES = 65_536;

/** What a hub tells whoever made it. */
export interface HubKeeper {
  /** How many bytes the ring of a hub holds at least, for those who come back soon. */
  readonly ringBytes: number;
  /** Pages of history that connections share. */
  readonly pages: PageCache;
  /** Somebody is behind, and has to be looked after until nobody is. */
  watch(hub: Hub): void;
  /** Nobody is left. */
  release(hub: Hub): void;
}

/**
 * The connections of this process on one feed. Those that keep up get each batch at once; those that
 * don't are behind, each a number in the ring, and get what they miss as they take it.
 *
 * All of it is synchronous, so that joining, publishing and leaving can't come in between each other.
 */
export class Hub implements FeedListener, Flushable {
  readonly feed: Feed;
  readonly #keeper: HubKeeper;
  readonly #members = new Set<Member>();
  /** Those that keep up, by where their batches go: sending looks at nothing else of them. */
  readonly #live = new Map<Outlet, Member>();
  /** Those that keep up since others are being written to, and have that already. */
  readonly #arrived = new Set<Member>();
  readonly #behind = new Set<Member>();
  readonly #taps = new Set<Tap>();
  #opening: Promise<void> | undefined;
  #ring: Ring | undefined;
  #ringBytes: number;
  /** The number up to which the ring was sent to those that are live. */
  #sent = 0;
  /** How many events those that are live were sent, in all, and the id of the last. */
  #written = 0;
  #lastWritten = "";
  #scheduled = false;
  #flushing = false;
  /** Taps are being told, one within another, and need what is in the ring. */
  #telling = 0;
  #ended: Outcome | undefined;
  #closed = false;
  #skipped = 0;
  /** The last batch that was made for one that is behind: others may be at the same place. */
  #again:
    | { readonly after: number; readonly to: number; readonly batch: Batch | undefined }
    | undefined;

  constructor(feed: Feed, keeper: HubKeeper) {
    this.feed = feed;
    this.#keeper = keeper;
    this.#ringBytes = keeper.ringBytes;
  }

  /** How many connections there are, those of merged channels included. */
  get size(): number {
    let size = this.#members.size;
    for (const tap of this.#taps) size += tap.size;
    return size;
  }

  /** How the channel has been ended, if it has, and everything of it was accepted. */
  get ended(): Outcome | undefined {
    return this.#ended;
  }

  /** How many events slow connections have been made to leave out. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The cursor up to which everything was accepted. */
  get head(): string {
    const ring = this.#ring!;
    return ring.position(ring.head);
  }

  /** The cursor up to which everything was sent to those that are live. */
  get position(): string {
    this.flush();
    return this.#ring!.position(this.#sent);
  }

  /** Begins, if it has not begun. Without a promise where the broker needs none. */
  open(): void | Promise<void> {
    if (this.#ring !== undefined) return;
    if (this.#opening !== undefined) return this.#opening;
    const opening = this.feed.open(this);
    if (!isPromise(opening)) return;
    this.#opening = Promise.resolve(opening).catch((error: unknown) => {
      // Who comes next tries again: there may always be one that has failed and not left yet.
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  begin({ position, ended }: FeedStart): void {
    this.#ring = new Ring(position);
    this.#sent = this.#ring.head;
    this.#ended = ended;
  }

  add(member: Member): void {
    this.#members.add(member);
    this.#ringBytes = Math.max(this.#ringBytes, member.maxBufferedBytes);
  }

  leave(member: Member): void {
    this.#members.delete(member);
    this.hold(member);
    this.#releaseIfEmpty();
  }

  tap(tap: Tap): void {
    tap.at = this.#ring?.head ?? 0;
    this.#taps.add(tap);
  }

  untap(tap: Tap): void {
    this.#taps.delete(tap);
    this.#releaseIfEmpty();
  }

  close(): void {
    this.flush();
    this.#closed = true;
    this.feed.close();
    for (const member of this.#members) member.complete();
  }

  /** Takes a connection out of the flow; it comes back by {@link enter}. */
  hold(member: Member): void {
    this.#arrived.delete(member);
    this.#behind.delete(member);
    this.#leaveFlow(member);
  }

  /** A connection that keeps up has another outlet from now on. */
  renew(member: Member): void {
    this.#leaveFlow(member);
    this.#goLive(member);
  }

  /** A connection that reads the history on its own is looked after too: it may stall. */
  watch(member: Member): void {
    member.stalledAt = performance.now();
    this.#behind.add(member);
    this.#keeper.watch(this);
  }

  /** The number of a cursor that the ring has, after which a connection can enter. */
  find(cursor: string): number | undefined {
    this.flush();
    const number = this.#ring!.find(cursor);
    // While others are being sent to, there may be entries that nobody has got yet.
    return number === undefined || number > this.#sent ? undefined : number;
  }

  /** Whether a connection that enters after a number of the ring is not too far behind at once. */
  isNear(member: Member, number: number): boolean {
    return number === this.#sent || this.#ring!.bytesAfter(number) <= member.maxBufferedBytes;
  }

  /** How many entries a connection that enters after a number of the ring has missed. */
  countAfter(number: number): number {
    return this.#sent - number;
  }

  /** Lets a connection into the flow after a number. */
  enter(member: Member, at: number): void {
    member.at = at;
    if (at === this.#sent) this.#goLive(member);
    else {
      this.watch(member);
      this.catchUp(member);
    }
  }

  /** Writes what a connection that is behind misses, as much as it takes. */
  catchUp(member: Member): void {
    if (!this.#behind.has(member)) return;
    while (member.at < this.#sent) {
      if (this.#isTooFarBehind(member)) return member.overflow();
      const { batch, to } = this.#batchAfter(member.at);
      member.at = to;
      if (batch !== undefined && member.write(batch) > 0) {
        member.stalledAt = performance.now();
        return;
      }
      // It may have left, or been taken out, by what it was written.
      if (!this.#behind.has(member)) return;
    }
    this.#goLive(member);
  }

  /**
   * Where a connection in the ring goes on that leaves out what it misses.
   *
   * @param but - how many of the newest entries it shall still get
   */
  skip(member: Member, but: number): Gap {
    this.flush();
    const ring = this.#ring!;
    // The end of a channel is no event.
    let newest = this.#sent;
    while (newest > member.at && ring.reaches(newest - 1) && ring.at(newest).kind === "end")
      newest--;
    const wanted = Math.max(member.at, newest - but);
    const to = ring.reaches(wanted) ? wanted : this.#sent;
    const skipped = to - member.at;
    this.#skipped += skipped;
    const position = ring.position(to);
    return { channels: this.feed.channels, reason: "skipped", skipped, position };
  }

  /** Reads what came after a cursor, up to what was sent at the latest. */
  read(after: string): SharedPage | Promise<SharedPage> {
    const through = this.position;
    return this.#keeper.pages.get(`${this.feed.key}\n${after}`, () =>
      this.page(after, through, BATCH_BYTES),
    );
  }

  /** Reads from the ring where it reaches, else from the feed. */
  page(after: string, through: string, bytes: number): FeedPage | Promise<FeedPage> {
    const from = this.#ring!.find(after);
    const to = this.#ring!.find(through);
    if (from === undefined || to === undefined || from > to)
      return this.feed.read(after, through, bytes);
    const entries = this.#ring!.slice(from, to, bytes);
    return { entries, next: entries.at(-1)?.id ?? through };
  }

  accept(entry: Entry, ended: Outcome | undefined): void {
    const ring = this.#ring;
    if (ring === undefined || this.#closed) return;
    ring.push(entry);
    this.#ended ??= ended;
    this.#telling++;
    for (const tap of this.#taps) {
      // By number: what it does with one may bring the next, which others must not hear of first.
      while (tap.at < ring.head) tap.accept(ring.at(++tap.at));
    }
    this.#telling--;
    // What is not sent can't be dropped: a burst goes out in parts.
    if (!this.#flushing && ring.bytesAfter(this.#sent) >= BATCH_BYTES) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      scheduleFlush(this.#onTurn);
    }
  }

  lost(gap: Gap): void {
    if (this.#ring === undefined || this.#closed) return;
    this.flush();
    this.#ring.restart(gap.position, this.#sent);
    this.#again = undefined;
    for (const tap of this.#taps) tap.lost(gap);
    // Who is behind loses what the ring had of the other channels too.
    const whole = { ...gap, channels: this.feed.channels };
    for (const member of this.#members) member.lost(this.#behind.has(member) ? whole : gap);
  }

  has(cursor: string): boolean {
    return this.#ring?.find(cursor) !== undefined;
  }

  report(error: unknown): void {
    for (const member of this.#members) return member.report(error);
    for (const tap of this.#taps) return tap.report(error);
  }

  /** Sends what was accepted to those that are live. */
  flush(): void {
    const ring = this.#ring;
    if (ring === undefined || this.#flushing || this.#sent === ring.head) return;
    this.#flushing = true;
    try {
      this.#sendOn(ring);
    } finally {
      this.#flushing = false;
    }
  }

  /** Looks after those that are behind. */
  sweep(now: number): void {
    for (const member of this.#behind) {
      if (now - member.stalledAt >= member.stallTimeout || this.#isTooFarBehind(member))
        member.overflow();
    }
  }

  /** All was sent, and the end of it. */
  get #isComplete(): boolean {
    return this.#ended !== undefined && this.#sent === this.#ring!.head;
  }

  get isAnyoneBehind(): boolean {
    return this.#behind.size > 0;
  }

  // One object for all turns.
  readonly #onTurn: Flushable = {
    flush: () => {
      this.#scheduled = false;
      if (!this.#closed) this.flush();
    },
  };

  #sendOn(ring: Ring): void {
    const after = this.#sent;
    this.#sent = ring.head;
    if (this.#live.size > 0) {
      const batch = Batch.ofWritten(ring.slice(after, this.#sent, Infinity));
      if (batch !== undefined) this.#send(batch);
      if (this.#isComplete) for (const member of this.#live.values()) member.complete(this.#ended);
    }
    if (this.#telling === 0) ring.trim(this.#ringBytes, this.#sent);
  }

  #send(batch: Batch): void {
    this.#written += batch.size;
    this.#lastWritten = batch.lastId;
    for (const outlet of this.#live.keys()) {
      const waiting = outlet.writeBatch(batch);
      if (waiting > 0) this.#slow(outlet, waiting);
    }
    for (const member of this.#arrived) this.#join(member);
    this.#arrived.clear();
  }

  /** A client has not taken what it was sent. */
  #slow(outlet: Outlet, waiting: number): void {
    const member = this.#live.get(outlet);
    if (member === undefined) return;
    member.filled();
    if (waiting <= BATCH_BYTES) return;
    this.#leaveFlow(member);
    this.watch(member);
  }

  #goLive(member: Member): void {
    this.#behind.delete(member);
    if (this.#behind.size === 0) this.#again = undefined;
    if (this.#isComplete) member.complete(this.#ended);
    else if (this.#flushing) this.#arrived.add(member);
    else this.#join(member);
  }

  #join(member: Member): void {
    member.flow(this.#written);
    this.#live.set(member.outlet, member);
  }

  #leaveFlow(member: Member): void {
    if (!this.#live.delete(member.outlet)) return;
    member.flowed(this.#written, this.#lastWritten);
    member.at = this.#sent;
  }

  #isTooFarBehind(member: Member): boolean {
    const ring = this.#ring!;
    return (
      member.at >= 0 &&
      (!ring.reaches(member.at) || ring.bytesAfter(member.at) > member.maxBufferedBytes)
    );
  }

  #batchAfter(after: number): { readonly to: number; readonly batch: Batch | undefined } {
    if (this.#again?.after !== after) {
      const entries = this.#ring!.slice(after, this.#sent, BATCH_BYTES);
      this.#again = { after, to: after + entries.length, batch: Batch.ofWritten(entries) };
    }
    return this.#again;
  }

  #releaseIfEmpty(): void {
    if (this.#members.size > 0 || this.#taps.size > 0 || this.#closed) return;
    this.#closed = true;
    this.feed.close();
    this.#keeper.release(this);
  }
}
