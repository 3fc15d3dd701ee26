import timers from "node:timers";

// As they are before a test fakes them: a limit holds by the real clock, whatever the test's one says.
const { setTimeout, clearTimeout, setImmediate } = timers;

/**
 * How many turns of the event loop pass before a fake clock is moved on: what the server has sent is
 * with the client by then.
 */
const TURNS = 5;

/** Lets time pass on the test runner's fake clock. Its result is awaited. */
export type Advance = () => unknown;

/** How long a wait may take by the real clock, and what moves a fake one meanwhile. */
export class Limit implements Disposable {
  /** In milliseconds. */
  readonly length: number;
  readonly #advance: Advance | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #over: Promise<void>;
  #isOver = false;

  constructor(length: number, advance?: Advance) {
    this.length = length;
    this.#advance = advance;
    const { promise, resolve } = deferred();
    this.#over = promise;
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      resolve();
    }, length);
  }

  /**
   * Waits for a promise.
   *
   * @returns whether it was settled in time
   * @throws what `advance` throws
   */
  async allows(promise: Promise<unknown>): Promise<boolean> {
    let settled = false;
    const settle = (): void => void (settled = true);
    const awaited = promise.then(settle, settle);
    if (this.#advance === undefined) await Promise.race([awaited, this.#over]);
    const isWaiting = (): boolean => !settled && !this.#isOver;
    while (isWaiting()) {
      for (let turn = 0; turn < TURNS && isWaiting(); turn++) await nextTurn();
      if (isWaiting()) await Promise.race([this.#advance?.(), this.#over]);
    }
    return settled;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** The next turn of the event loop, by the real clock. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Which of the queues that sockets and applications live by do not run, because a test has faked them. */
export async function stoppedQueues(): Promise<string[]> {
  const stopped = new Set(["process.nextTick", "queueMicrotask"]);
  process.nextTick(() => stopped.delete("process.nextTick"));
  queueMicrotask(() => stopped.delete("queueMicrotask"));
  await nextTurn();
  return [...stopped];
}

/** So many milliseconds of the real clock, which keep no process alive. */
export function realDelay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
