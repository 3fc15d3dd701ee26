import { inTime } from "./deadline.js";
import { noAnswer, toFailure } from "./failure.js";
import { type Client, Link } from "./link.js";
import type { RedisSettings } from "./options.js";

/** How many topics are subscribed to at once, each time that the connection is made. */
const AT_ONCE = 1_000;

/** Hears a message of a topic. */
export type Listener = (message: string) => void;

/** A connection that hears what is published. It comes back by itself, with all that is listened to. */
export class Subscriber {
  readonly #timeout: number;
  readonly #link: Link;
  readonly #listeners = new Map<string, Listener>();
  // One for all topics and times: the client forgets a listener only when the server has answered.
  readonly #hear = (message: string, topic: string): void => this.#listeners.get(topic)?.(message);

  /** @param onReady - called each time that the connection stands, since things may have been missed before */
  constructor(url: string, settings: RedisSettings, onReady: () => void) {
    this.#timeout = settings.commandTimeout;
    const prepare = (client: Client): Promise<void> => this.#listenToAll(client);
    this.#link = new Link(url, settings.client, this.#timeout, prepare, onReady);
  }

  /**
   * Resolves when what is published from now on will be heard.
   *
   * @throws RedisBrokerError ERR_REDIS_OFFLINE, ERR_REDIS_DEADLINE, ERR_REDIS_REPLY
   */
  async subscribe(topic: string, listener: Listener): Promise<void> {
    this.#listeners.set(topic, listener);
    try {
      const client = await this.#link.ready(this.#timeout);
      // Nobody listens to it any more.
      if (this.#listeners.get(topic) !== listener) return;
      await this.#asked(client, client.subscribe(topic, this.#hear));
    } catch (error) {
      this.unsubscribe(topic, listener);
      throw error;
    }
  }

  unsubscribe(topic: string, listener: Listener): void {
    if (this.#listeners.get(topic) !== listener) return;
    this.#listeners.delete(topic);
    // Where the connection breaks, the next one does not listen to it.
    this.#link.client?.unsubscribe(topic, this.#hear).catch(() => {});
  }

  /** Makes sure that the connection answers; one that does not is made anew. */
  async check(): Promise<void> {
    const { client } = this.#link;
    if (client !== undefined) await this.#asked(client, client.ping()).catch(() => {});
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return this.#link.close();
  }

  async #listenToAll(client: Client): Promise<void> {
    const topics = [...this.#listeners.keys()];
    for (let at = 0; at < topics.length; at += AT_ONCE) {
      await client.subscribe(topics.slice(at, at + AT_ONCE), this.#hear);
    }
    const left = topics.filter((topic) => !this.#listeners.has(topic));
    if (left.length > 0) await client.unsubscribe(left, this.#hear);
  }

  /** Waits for an answer; a connection that gives none is made anew. */
  async #asked<T>(client: Client, answer: Promise<T>): Promise<T> {
    try {
      return await inTime(answer, this.#timeout, () => {
        this.#link.renew(client);
        return noAnswer(this.#timeout);
      });
    } catch (cause) {
      throw toFailure(cause);
    }
  }
}
