/** Answers a loop that waits. */
type Answer<T> = (
  result: IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>>,
) => void;

/** Who owns queues. */
export interface QueueOwner<T> {
  /** A loop asks for something. */
  pulled(): void;
  /** A loop was left. */
  left(queue: EventQueue<T>): void;
}

/** What one loop has still to take. */
export class EventQueue<T> implements AsyncIterator<T, undefined> {
  readonly #owner: QueueOwner<T>;
  readonly #items: T[] = [];
  readonly #waiters: Answer<T>[] = [];
  #end: { error: Error | undefined } | undefined;

  constructor(owner: QueueOwner<T>) {
    this.#owner = owner;
  }

  /** What the loop is not done with: nothing while it waits, else what it is at and what is queued. */
  get backlog(): number {
    return this.#waiters.length > 0 ? 0 : this.#items.length + 1;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#serve();
  }

  /** Nothing more comes. What is there can still be taken; then the loop ends, with the error if there is one. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#serve();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((answer) => {
      this.#waiters.push(answer);
      this.#serve();
      this.#owner.pulled();
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#items.length = 0;
    // Who leaves is not told why it would have ended.
    this.#end = { error: undefined };
    this.#owner.left(this);
    return this.next();
  }

  #serve(): void {
    while (this.#waiters.length > 0 && (this.#items.length > 0 || this.#end !== undefined)) {
      const answer = this.#waiters.shift()!;
      const error = this.#end?.error;
      if (this.#items.length > 0) answer({ done: false, value: this.#items.shift()! });
      else if (error === undefined) answer({ done: true, value: undefined });
      else {
        // Thrown once, as a generator's error is.
        this.#end = { error: undefined };
        answer(Promise.reject(error));
      }
    }
  }
}
