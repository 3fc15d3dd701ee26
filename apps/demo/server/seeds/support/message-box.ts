import { setTimeout as sleep } from "node:timers/promises";

export interface Message {
  readonly id: string;
  readonly title: string;
}

/** Keeps what was sent to each user until it is taken. */
export class MessageBox {
  /** The one that the printed classes read, which take no service for it in their constructors. */
  static readonly shared = new MessageBox();

  readonly #waiting = new Map<string, Message[]>();
  #sent = 0;

  /** Puts a message in a user's box. @returns the message, with its id */
  put(userId: string, title: string): Message {
    const message = { id: `${userId}-${++this.#sent}`, title };
    this.#waiting.set(userId, [...(this.#waiting.get(userId) ?? []), message]);
    return message;
  }

  /** Takes the oldest message out of a user's box, if there is one. */
  async next(userId: string): Promise<Message | undefined> {
    const [message, ...rest] = this.#waiting.get(userId) ?? [];
    if (rest.length > 0) this.#waiting.set(userId, rest);
    else this.#waiting.delete(userId);
    return message;
  }

  /** Takes a user's messages as they come. */
  async *all(userId: string): AsyncGenerator<Message, void, unknown> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const message = await this.next(userId);
      if (message !== undefined) yield message;
      // oxlint-disable-next-line no-await-in-loop -- asks again a little later
      else await sleep(100);
    }
  }
}
