import { setTimeout as delay } from "node:timers/promises";
import { type Client, newClient } from "./connection.js";
import { RedisBrokerError } from "./errors.js";
import type { RedisSettings } from "./options.js";

type Listener = (message: string) => void;

/** A connection that hears what is published. It comes back by itself, with all that is listened to. */
export class Subscriber {
  readonly #url: string;
  readonly #settings: RedisSettings;
  readonly #onReady: () => void;
  readonly #listeners = new Map<string, Listener>();
  #client: Client | undefined;
  #closed = false;

  /** @param onReady - called each time that the connection stands, since things may have been missed before */
  constructor(url: string, settings: RedisSettings, onReady: () => void) {
    this.#url = url;
    this.#settings = settings;
    this.#onReady = onReady;
  }

  /**
   * Resolves when what is published from now on will be heard.
   *
   * @throws RedisBrokerError ERR_REDIS_OFFLINE
   */
  async subscribe(topic: string, listener: Listener): Promise<void> {
    this.#listeners.set(topic, listener);
    try {
      await this.#inTime(this.#subscribe(topic, listener));
    } catch (error) {
      this.unsubscribe(topic, listener);
      throw error;
    }
  }

  unsubscribe(topic: string, listener: Listener): void {
    if (this.#listeners.get(topic) !== listener) return;
    this.#listeners.delete(topic);
    // A connection that is lost listens to nothing, which is just as well.
    this.#client?.unsubscribe(topic, listener).catch(() => {});
  }

  /** Whether the connection answers; one that does not is made anew. */
  async check(): Promise<void> {
    const client = this.#client;
    if (client?.isReady !== true) return;
    try {
      await this.#inTime(client.ping());
    } catch {
      this.#renew(client);
    }
  }

  close(): void {
    this.#closed = true;
    this.#client?.destroy();
    this.#client = undefined;
    this.#listeners.clear();
  }

  async #subscribe(topic: string, listener: Listener): Promise<void> {
    const client = this.#open();
    // It subscribes to everything there is when it becomes ready.
    while (!client.isReady && this.#client === client) await delay(10, undefined, { ref: false });
    if (this.#listeners.get(topic) === listener) await client.subscribe(topic, listener);
  }

  #open(): Client {
    if (this.#closed) throw new RedisBrokerError("ERR_REDIS_OFFLINE", "The broker is closed.");
    if (this.#client !== undefined) return this.#client;
    const client = newClient(this.#url, this.#settings.client);
    this.#client = client;
    client.on("ready", () => {
      if (this.#client === client) this.#onReady();
    });
    client.connect().catch(() => {});
    return client;
  }

  #renew(client: Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.destroy();
    if (this.#closed || this.#listeners.size === 0) return;
    const fresh = this.#open();
    for (const [topic, listener] of this.#listeners) {
      this.#subscribe(topic, listener).catch(() => this.#renew(fresh));
    }
  }

  async #inTime<T>(promise: Promise<T>): Promise<T> {
    const { commandTimeout } = this.#settings;
    const controller = new AbortController();
    try {
      return await Promise.race([
        promise,
        delay(commandTimeout, undefined, { signal: controller.signal }).then(() => {
          const message = `Redis gave no answer within ${commandTimeout} ms.`;
          throw new RedisBrokerError("ERR_REDIS_OFFLINE", message);
        }),
      ]);
    } finally {
      controller.abort();
    }
  }
}
