import type { Message } from "../line.js";
import { isSamePlace, type Place, placeAfter, placeOf } from "./place.js";
import { Recent } from "./recent.js";
import type { Here, Over, Told } from "./saying.js";
import { Trail } from "./trail.js";

/** Whom a follower belongs to. */
export interface FollowerOwner {
  /** Whether there is room for one more message. */
  readonly hasRoom: boolean;
  /** Whether the tab may get into step: not while what belongs together is still coming in another way. */
  readonly isReady: boolean;
  /** Whether the tab has waited long enough for the first id of its own connection. */
  readonly hasWaited: boolean;
  /** Takes the next message. */
  take(message: Message): void;
}

/**
 * Follows the leader, where the tab is in step with it: where the place of the tab is one that the leader's stream
 * comes through, so that what the leader tells from there on is what is missing, and all of it.
 */
export class Follower {
  /** What the leader says of its connection; undefined where nobody is known to lead. */
  leader: Pick<Here, "term" | "state" | "error" | "retryAt"> | undefined;
  isInStep = false;
  readonly #owner: FollowerOwner;
  readonly #trail: Trail;
  readonly #recent: Recent;
  /** How many messages the leader has told in its term. */
  #count = 0;
  /** How many of them have been taken; undefined where the tab came to its place on another way. */
  #taken: number | undefined;

  /** @param most - how many messages, and how many ids, are remembered */
  constructor(owner: FollowerOwner, id: string, most: number) {
    this.#owner = owner;
    this.#trail = new Trail(id, most);
    this.#recent = new Recent(this.place, most);
  }

  /** Up to where all has been taken. */
  get place(): Place {
    return this.#trail.place;
  }

  /** How many messages that the leader has told wait for room. */
  get backlog(): number {
    return this.#recent.length;
  }

  /** Where a new leader has to resume so that those who are in step remain so. */
  get resumeFrom(): string {
    const isHeard = this.isInStep || this.leader !== undefined;
    return (isHeard && this.#recent.end.id) || this.place.id;
  }

  hearHere({ term, count, place, state, error, retryAt }: Here): void {
    const isKnown = term === this.leader?.term;
    if ((!isKnown || count === this.#count) && this.#goesOn(place, state)) {
      // On a new connection, messages without an id are counted anew.
      if (this.#recent.length === 0) this.#trail.moveTo(place);
      this.#count = count;
      this.#taken = count - this.#recent.length;
    } else if (!isKnown || count !== this.#count) this.#meet(count, place);
    this.leader = { term, state, error, retryAt };
    this.align();
  }

  /** @returns whether it was not known that this one leads: it may be what one has said that leads no more */
  hearTold({ term, count, prev, messages }: Told): boolean {
    const isKnown = term === this.leader?.term;
    if (!isKnown || count !== this.#count) {
      this.#meet(count, prev);
      if (!isKnown) this.leader = { term, state: "open" };
      this.align();
    }
    let place = prev;
    for (const message of messages) {
      this.#hearMessage(place, message);
      place = placeAfter(place, message);
    }
    this.align();
    return !isKnown;
  }

  /** @returns whether that is the end for this tab too, which then has all that came before it */
  hearOver({ term, count }: Over): boolean {
    if (term !== this.leader?.term) return false;
    if (count !== this.#count) this.#loseStep();
    while (this.isInStep && this.#recent.length > 0) this.#takeNext();
    this.leave();
    return this.isInStep;
  }

  /** Knows of nobody who leads. */
  leave(): void {
    this.leader = undefined;
  }

  /** Takes a message that came on the tab's own connection; the first of a connection counts from an id. */
  takeOwn(message: Message, isFirst: boolean): void {
    const { place } = this;
    this.#take(message, placeAfter(isFirst ? placeOf(place.id) : place, message));
  }

  /** Goes back to an id: what came after it has not been handled. */
  restart(id: string): void {
    this.#loseStep();
    this.#trail.restart(id);
  }

  /** Gets into step with the leader and takes what it has told, as far as that is possible now. */
  align(): void {
    const { isReady, hasWaited } = this.#owner;
    if (!isReady || this.leader === undefined) return;
    if (!this.isInStep) {
      const { end } = this.#recent;
      const missing = this.#recent.countAfter(this.place);
      if (missing !== undefined) {
        while (this.#recent.length > missing) this.#recent.shift();
        // The leader's next one may belong to the same place still, as a state that follows a reset.
        this.#taken = missing === 0 ? undefined : this.#count - missing;
      } else if (this.#trail.hasPassed(end)) this.#recent.restart(end);
      else if (this.place.id === "" && end.id === "" && (end.since === 0 || hasWaited)) {
        // Nothing can be compared: it goes on from here.
        this.#recent.restart(end);
        this.#trail.moveTo(end);
        this.#taken = this.#count;
      } else return;
      this.isInStep = true;
    }
    this.#takeRecent();
  }

  #hearMessage(prev: Place, message: Message): void {
    this.#count++;
    if (this.isInStep && this.#taken === undefined) {
      const at = placeAfter(prev, message);
      // The leader is behind: it tells what came here on another way.
      if (this.#trail.hasPassed(at)) return this.#recent.restart(at);
      if (isSamePlace(prev, this.place)) this.#taken = this.#count - 1;
      else this.isInStep = false;
    }
    this.#recent.push(prev, message);
    if (this.isInStep) this.#takeRecent();
    // What came next is not kept any more.
    if (this.#taken !== undefined && this.#count - this.#taken > this.#recent.length) {
      this.#loseStep();
    }
  }

  #takeRecent(): void {
    while (this.isInStep && this.#recent.length > 0 && this.#owner.hasRoom) this.#takeNext();
  }

  #takeNext(): void {
    const step = this.#recent.shift()!;
    this.#taken!++;
    this.#take(step.message, step.at);
  }

  #take(message: Message, at: Place): void {
    this.#trail.moveTo(at);
    this.#owner.take(message);
  }

  /** Whether a leader is where it was heard last: on a new connection, or another one in its place. */
  #goesOn({ id, since }: Place, state: Here["state"]): boolean {
    if (!this.isInStep || this.#taken === undefined) return false;
    const { end } = this.#recent;
    return id === end.id && (state === "open" ? id !== "" && since === end.since : since === 0);
  }

  /** Begins to hear a leader, at a place. */
  #meet(count: number, place: Place): void {
    this.#loseStep();
    this.#count = count;
    this.#recent.restart(place);
  }

  #loseStep(): void {
    this.isInStep = false;
    this.#taken = undefined;
  }
}
