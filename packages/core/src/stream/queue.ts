interface Node<T> {
  readonly value: T;
  next: Node<T> | undefined;
}

/** First in, first out. Each step takes the same time however much waits, and what left is not held. */
export class Queue<T> {
  #first: Node<T> | undefined;
  #last: Node<T> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  push(value: T): void {
    const node: Node<T> = { value, next: undefined };
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
  }

  /** Takes the oldest; undefined when nothing waits. */
  shift(): T | undefined {
    const node = this.#first;
    if (node === undefined) return undefined;
    this.#first = node.next;
    if (this.#first === undefined) this.#last = undefined;
    // A node that left must not keep its followers alive until the collector reaches old objects.
    node.next = undefined;
    return node.value;
  }

  clear(): void {
    this.#first = undefined;
    this.#last = undefined;
  }
}
