import { isAfter, type Place } from "./cursor.js";

/** How many channels are kept in mind. */
const CHANNELS = 10_000;

/**
 * The newest place of each channel that this process knows of, of those that it used last. It shows when a server has
 * lost what it had stored.
 */
export class Marks {
  readonly #places = new Map<string, Place>();

  /** Of no channel where there is none. */
  of(channel: string): Place {
    return this.#places.get(channel) ?? NOWHERE;
  }

  note(channel: string, place: Place): void {
    const known = this.#places.get(channel);
    if (known?.epoch === place.epoch && !isAfter(place.native, known.native)) return;
    // Behind all others, so that the first is the one that was used least.
    this.#places.delete(channel);
    this.#places.set(channel, place);
    if (this.#places.size <= CHANNELS) return;
    for (const first of this.#places.keys()) {
      this.#places.delete(first);
      return;
    }
  }
}

const NOWHERE: Place = { epoch: "", native: "" };
