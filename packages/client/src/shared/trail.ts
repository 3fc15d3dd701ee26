import { type Place, placeOf } from "./place.js";

/** Where a tab is, and through which places it came. */
export class Trail {
  place: Place;
  readonly #most: number;
  readonly #ids = new Set<string>();

  /** @param most - how many ids are remembered */
  constructor(id: string, most: number) {
    this.#most = most;
    this.place = placeOf(id);
    this.moveTo(this.place);
  }

  moveTo(place: Place): void {
    this.place = place;
    // From no id a server gives what it likes: that is no place to have been at.
    if (place.id === "") return;
    this.#ids.delete(place.id);
    this.#ids.add(place.id);
    if (this.#ids.size > this.#most) this.#ids.delete(this.#ids.values().next().value!);
  }

  /** Goes back to an id. What came after it is as if it had never been. */
  restart(id: string): void {
    this.#ids.clear();
    this.moveTo(placeOf(id));
  }

  /** Whether all that came up to a place is known here. */
  hasPassed({ id, since }: Place): boolean {
    return id === this.place.id ? id !== "" && since <= this.place.since : this.#ids.has(id);
  }
}
