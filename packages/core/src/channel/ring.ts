import { Buffer } from "node:buffer";
import type { Entry } from "./broker.js";
import { Window } from "./window.js";

interface Kept {
  readonly entry: Entry;
  /** How many bytes the ring has been given up to here, this entry included. */
  readonly end: number;
}

/** What an id line adds to an entry's own text. */
const ID_LINE = "id: \n".length;

/**
 * The newest entries of a hub, numbered as they come. A connection that is behind is a number in it.
 */
export class Ring {
  readonly #kept = new Window<Kept>(1);
  readonly #numbers = new Map<string, number>();
  /** The cursor before the first entry. */
  #before: string;
  /** How many bytes have been given, and how many have been dropped. */
  #given = 0;
  #dropped = 0;

  /** @param position - the cursor after which the entries come */
  constructor(position: string) {
    this.#before = position;
  }

  /** The number of the newest entry; of the one before the first where there is none. */
  get head(): number {
    return this.#kept.end - 1;
  }

  get bytes(): number {
    return this.#given - this.#dropped;
  }

  push(entry: Entry): void {
    this.#given += Buffer.byteLength(entry.text) + entry.id.length + ID_LINE;
    this.#numbers.set(entry.id, this.#kept.end);
    this.#kept.push({ entry, end: this.#given });
  }

  /** Drops the oldest entries beyond a bound, but none after a number. */
  trim(bytes: number, upTo: number): void {
    while (this.bytes > bytes && this.#kept.first <= upTo) {
      const { entry, end } = this.#kept.shift()!;
      this.#dropped = end;
      this.#before = entry.id;
      this.#numbers.delete(entry.id);
    }
  }

  /** Drops everything up to a number, which is to stand for another cursor from now on. */
  restart(position: string, upTo: number): void {
    this.trim(-1, upTo);
    this.#before = position;
  }

  /** The entry of a number that the ring has. */
  at(number: number): Entry {
    return this.#kept.at(number)!.entry;
  }

  /** Whether everything after a number is there. */
  reaches(number: number): boolean {
    return number >= this.#kept.first - 1;
  }

  /** The cursor at a number that the ring reaches. */
  position(number: number): string {
    return this.#kept.at(number)?.entry.id ?? this.#before;
  }

  /** The number of a cursor, after which everything is there; undefined for others. */
  find(cursor: string): number | undefined {
    return cursor === this.#before ? this.#kept.first - 1 : this.#numbers.get(cursor);
  }

  /** How many bytes come after a number that the ring reaches. */
  bytesAfter(number: number): number {
    return this.#given - (this.#kept.at(number)?.end ?? this.#dropped);
  }

  /** The entries after a number, up to another, or until they are about so many bytes; at least one. */
  slice(after: number, through: number, bytes: number): Entry[] {
    const entries: Entry[] = [];
    const start = this.#kept.at(after)?.end ?? this.#dropped;
    for (let number = after + 1; number <= through; number++) {
      const { entry, end } = this.#kept.at(number)!;
      entries.push(entry);
      if (end - start >= bytes) break;
    }
    return entries;
  }
}
