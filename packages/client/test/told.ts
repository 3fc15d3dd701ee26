/** Something that happens once, and that a test waits for. */
export class Told<T = void> {
  readonly promise: Promise<T>;
  tell!: (value: T) => void;
  fail!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.tell = resolve;
      this.fail = reject;
    });
  }
}

/** Things that come one after the other, for a test that takes them one by one. */
export class Inbox<T> {
  readonly all: T[] = [];
  #taken = 0;
  #waiting: (() => void)[] = [];

  readonly put = (item: T): void => {
    this.all.push(item);
    for (const go of this.#waiting.splice(0)) go();
  };

  /** The next that was not taken yet, as soon as it is there. */
  async next(): Promise<T> {
    await this.until(() => this.all.length > this.#taken);
    return this.all[this.#taken++]!;
  }

  /** So many of the next. */
  async take(count: number): Promise<T[]> {
    const taken: T[] = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** Resolves when a condition holds; it is looked at whenever something came. */
  async until(condition: (all: readonly T[]) => boolean): Promise<void> {
    while (!condition(this.all)) await new Promise<void>((go) => this.#waiting.push(go));
  }
}
