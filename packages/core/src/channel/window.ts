/** From this many freed places on, the array is moved together. */
const COMPACT = 64;

/** A run of items under consecutive numbers: it grows at its end and is cut at its beginning. */
export class Window<T> {
  #items: (T | undefined)[] = [];
  /** Where the first item stands in the array; what is before it is free. */
  #start = 0;
  #first: number;

  /** @param first - the number that the first item gets */
  constructor(first: number) {
    this.#first = first;
  }

  /** The number of the first item, or of the next one where there is none. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next item gets. */
  get end(): number {
    return this.#first + this.size;
  }

  get size(): number {
    return this.#items.length - this.#start;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the first item away; undefined when there is none. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#start];
    this.#items[this.#start++] = undefined;
    this.#first++;
    if (this.#start >= COMPACT && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }

  /** The item of that number; undefined when it is not there, or not any more. */
  at(number: number): T | undefined {
    return number < this.#first ? undefined : this.#items[this.#start + number - this.#first];
  }
}
