import { type Entry, type Publication, SluiceError } from "@sluice/core";
import { Draft } from "./draft.js";
import { recordKey } from "./keys.js";
import type { Log } from "./log.js";
import type { Change, Store } from "./store.js";

/** A publication that waits for its commit. */
export interface Waiting {
  readonly log: Log;
  readonly publication: Publication;
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

interface Stored {
  readonly waiting: Waiting;
  readonly draft: Draft;
  readonly previous: string;
  readonly entry: Entry;
}

/** What goes into one commit, whole or not at all. */
export class Group {
  readonly #store: Store;
  readonly #drafts = new Map<Log, Draft>();
  readonly #forgotten = new Set<Log>();
  readonly #stored: Stored[] = [];
  readonly #others: Change[] = [];
  #hasNewNumbers = false;

  constructor(store: Store) {
    this.#store = store;
  }

  publish(waiting: Waiting): void {
    const { log, publication } = waiting;
    const draft = this.draft(log);
    if (draft.record.ended !== undefined) {
      waiting.reject(
        new SluiceError(
          "ERR_CHANNEL_ENDED",
          `The channel ${JSON.stringify(log.channel)} has been ended. Publish to one with another name.`,
        ),
      );
      return;
    }
    const previous = log.id(draft.record.end - 1);
    this.#stored.push({ waiting, draft, previous, entry: draft.append(publication) });
  }

  /** What becomes of a channel. */
  draft(log: Log): Draft {
    let draft = this.#drafts.get(log);
    if (draft === undefined) {
      draft = new Draft(log, () => {
        this.#hasNewNumbers = true;
        return this.#store.takeNumber();
      });
      this.#drafts.set(log, draft);
    }
    return draft;
  }

  has(log: Log): boolean {
    return this.#drafts.has(log);
  }

  /** A channel is removed of which nothing is stored but its record. */
  forget(log: Log): void {
    this.#drafts.delete(log);
    this.#forgotten.add(log);
  }

  /** Makes changes with it that concern no channel. */
  add(changes: readonly Change[]): void {
    this.#others.push(...changes);
  }

  changes(): Change[] {
    const changes = [...this.#others];
    for (const draft of this.#drafts.values()) {
      if (draft.hasAppended) draft.trim();
      if (!draft.isChanged) continue;
      changes.push(...draft.changes());
      draft.log.firstToBe = draft.record.first;
    }
    for (const log of this.#forgotten)
      changes.push({ key: recordKey(log.channel), value: undefined });
    if (changes.length > 0 && this.#hasNewNumbers) changes.push(this.#store.numbersTaken);
    return changes;
  }

  /** It was committed: the channels are what they have become, and those who follow are told. */
  succeed(): void {
    for (const draft of this.#drafts.values()) {
      draft.log.record = draft.record;
      draft.log.firstToBe = 0;
      draft.audience = [...draft.log.subscriptions];
    }
    for (const { waiting, draft, previous, entry } of this.#stored) {
      for (const subscription of draft.audience) {
        if (draft.log.subscriptions.has(subscription))
          subscription.follower.deliver(previous, entry);
      }
      waiting.resolve(entry.id);
    }
  }

  /**
   * Nothing of it was committed.
   *
   * @param all - what was to be published by it
   */
  fail(cause: unknown, all: readonly Waiting[]): void {
    for (const draft of this.#drafts.values()) draft.log.firstToBe = 0;
    const reason = cause instanceof Error ? cause.message : String(cause);
    for (const { log, reject } of all) {
      reject(
        new SluiceError(
          "ERR_NOT_STORED",
          `The event for the channel ${JSON.stringify(log.channel)} was not stored: ${reason}. Check that the disk has room and can be written to, and publish it again.`,
          { cause },
        ),
      );
    }
  }
}
