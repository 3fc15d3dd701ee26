import type { LineTarget, Message } from "../line.js";

/** Whom an inbox belongs to. */
export interface InboxOwner {
  /** The target is done with a message that it had to wait for: there is room. */
  handled(): void;
  /**
   * The target could not handle a message. What came after it is gone.
   *
   * @param failures - how many messages in a row that is
   */
  refused(cause: unknown, failures: number): void;
}

/** What a tab's target has still to take, one after the other. */
export class Inbox {
  readonly #target: LineTarget;
  readonly #owner: InboxOwner;
  readonly #messages: Message[] = [];
  #isBusy = false;
  #failures = 0;
  #end: (() => void) | undefined;

  constructor(target: LineTarget, owner: InboxOwner) {
    this.#target = target;
    this.#owner = owner;
  }

  /** How many messages the target is not done with. */
  get size(): number {
    return this.#messages.length + Number(this.#isBusy);
  }

  push(message: Message): void {
    this.#messages.push(message);
    this.#run();
  }

  /** Calls a function when all has been taken. */
  end(done: () => void): void {
    this.#end = done;
    this.#run();
  }

  clear(): void {
    this.#messages.length = 0;
    this.#end = undefined;
  }

  #run(): void {
    while (!this.#isBusy) {
      const message = this.#messages.shift();
      if (message === undefined) return this.#end?.();
      this.#isBusy = true;
      try {
        const taking = this.#target.take(message);
        if (taking !== undefined) return void this.#wait(taking);
        this.#isBusy = false;
        this.#failures = 0;
      } catch (cause) {
        this.#refuse(cause);
      }
    }
  }

  async #wait(taking: Promise<void>): Promise<void> {
    try {
      await taking;
    } catch (cause) {
      return this.#refuse(cause);
    }
    this.#isBusy = false;
    this.#failures = 0;
    this.#run();
    this.#owner.handled();
  }

  #refuse(cause: unknown): void {
    this.#isBusy = false;
    this.clear();
    this.#owner.refused(cause, this.#failures++);
  }
}
