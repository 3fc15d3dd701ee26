import type { Message } from "../line.js";
import { isSamePlace, type Place, placeAfter } from "./place.js";

/** A message, and where it leads to. */
export interface Step {
  readonly message: Message;
  readonly at: Place;
}

/** What the leader has said last, for a tab that is not in step with it: of a bounded length, and without a gap. */
export class Recent {
  readonly #most: number;
  readonly #steps: Step[] = [];
  /** The place before the first step. */
  #start: Place;

  /** @param most - how many messages are kept */
  constructor(start: Place, most: number) {
    this.#start = start;
    this.#most = most;
  }

  /** Where the leader is. */
  get end(): Place {
    return this.#steps.at(-1)?.at ?? this.#start;
  }

  get length(): number {
    return this.#steps.length;
  }

  /** Forgets all that came before a place. */
  restart(place: Place): void {
    this.#steps.length = 0;
    this.#start = place;
  }

  /** @param prev - the place before it: on a new connection, messages without an id are counted anew */
  push(prev: Place, message: Message): void {
    if (this.#steps.length === 0) this.#start = prev;
    this.#steps.push({ message, at: placeAfter(prev, message) });
    if (this.#steps.length > this.#most) this.shift();
  }

  shift(): Step | undefined {
    const step = this.#steps.shift();
    if (step !== undefined) this.#start = step.at;
    return step;
  }

  /** How many messages have come since the leader was at a place; undefined where that is not known. */
  countAfter(place: Place): number | undefined {
    // Two connections that have given no id yet can't be compared.
    if (place.id === "" && place.since > 0) return undefined;
    const index = this.#steps.findLastIndex(({ at }) => isSamePlace(at, place));
    if (index >= 0) return this.#steps.length - 1 - index;
    return isSamePlace(this.#start, place) ? this.#steps.length : undefined;
  }
}
