/**
 * What is to happen, in the order of its time; what is due at the same time happens in the order in which it was
 * put down. Time is in microseconds.
 */
export class Agenda {
  /** A binary heap. @type {{ at: number, order: number, happen: () => void }[]} */
  #heap = [];
  #order = 0;
  now = 0;

  /**
   * @param {number} at
   * @param {() => void} happen
   */
  put(at, happen) {
    const item = { at, order: this.#order++, happen };
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = /** @type {typeof item} */ (heap[above]);
      if (!isBefore(item, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = item;
  }

  /** Lets everything happen, and what that puts down, up to a time. @param {number} end */
  run(end) {
    for (let next = this.#take(end); next !== undefined; next = this.#take(end)) {
      this.now = next.at;
      next.happen();
    }
  }

  /** @param {number} end */
  #take(end) {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.at > end) return undefined;
    const last = /** @type {typeof first} */ (heap.pop());
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) below++;
      const child = /** @type {typeof first} */ (heap[below]);
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = below;
    }
    heap[index] = last;
    return first;
  }
}

/**
 * @param {{ at: number, order: number }} a
 * @param {{ at: number, order: number }} b
 */
function isBefore(a, b) {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
