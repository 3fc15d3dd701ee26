import type { Entry, EntryKind, Follower } from "@sluice/core";
import { formatCursor, isAfter, type Place } from "./cursor.js";

/** What was told of an entry. */
interface Told {
  readonly place: Place;
  readonly previous: string;
  readonly entry: Entry;
}

/** Someone who is told of a channel. */
interface Subscription {
  readonly follower: Follower;
  /** What has been heard before it was known where they begin; undefined since then. */
  early: Told[] | undefined;
  /** Where they begin, until they have been told something: what was stored before may be heard later. */
  start: Place | undefined;
}

/** Those who follow one channel. */
export class Topic {
  readonly channel: string;
  readonly #subscriptions = new Set<Subscription>();
  readonly #note: (place: Place) => void;
  /** Settled when what is published is heard. */
  ready: Promise<void> | undefined;
  /** Hears what the script that publishes tells: epoch, the native ids before and of the entry, kind, text. */
  readonly listener = (message: string): void => this.#hear(message);

  /** @param note - called with the place of each entry that is heard of */
  constructor(channel: string, note: (place: Place) => void) {
    this.channel = channel;
    this.#note = note;
  }

  get isEmpty(): boolean {
    return this.#subscriptions.size === 0;
  }

  /** @returns what begins to tell them, after a place, and what ends it and says whether it was the last */
  add(follower: Follower): { begin: (start: Place) => void; remove: () => boolean } {
    const subscription: Subscription = { follower, early: [], start: undefined };
    this.#subscriptions.add(subscription);
    return {
      begin: (start) => {
        const early = subscription.early ?? [];
        subscription.early = undefined;
        subscription.start = start;
        for (const told of early) this.#tell(subscription, told);
      },
      remove: () => this.#subscriptions.delete(subscription) && this.isEmpty,
    };
  }

  /** Tells how far the channel has come. */
  reached(position: string): void {
    for (const { follower, early } of this.#subscriptions) {
      if (early === undefined) follower.reached(position);
    }
  }

  #hear(message: string): void {
    const [epoch = "", before = "", native = "", kind = ""] = message.split(" ", 4);
    const text = message.slice(epoch.length + before.length + native.length + kind.length + 4);
    const told: Told = {
      place: { native, epoch },
      previous: formatCursor(before, epoch),
      entry: { id: formatCursor(native, epoch), kind: kind as EntryKind, text },
    };
    this.#note(told.place);
    for (const subscription of this.#subscriptions) {
      if (subscription.early === undefined) this.#tell(subscription, told);
      else subscription.early.push(told);
    }
  }

  #tell(subscription: Subscription, { place, previous, entry }: Told): void {
    const { start, follower } = subscription;
    if (start !== undefined) {
      if (start.epoch === place.epoch && !isAfter(place.native, start.native)) return;
      subscription.start = undefined;
    }
    // A follower may leave when it is told something.
    if (this.#subscriptions.has(subscription)) follower.deliver(previous, entry);
  }
}
