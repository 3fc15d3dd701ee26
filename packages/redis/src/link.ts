import { setTimeout as delay } from "node:timers/promises";
import { createClient, type RedisClientOptions } from "@redis/client";
import { inTime } from "./deadline.js";
import { RedisBrokerError } from "./errors.js";

export type Client = ReturnType<typeof createClient>;

/** What else a client takes than where the server is. */
export type ClientOptions = Omit<RedisClientOptions, "url">;

/** How long to wait between attempts to connect, in milliseconds: the first time, and at most. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

/**
 * Makes a client for one connection, which keeps no command for later and never comes back.
 *
 * @throws where the options don't go together
 */
export function newClient(url: string, options: ClientOptions): Client {
  const socket = { ...options.socket, reconnectStrategy: false };
  return createClient({
    // Nobody needs a timer for each command, nor to be moved elsewhere.
    commandOptions: { timeout: 0 },
    maintNotifications: "disabled",
    // It would need a right of its own.
    disableClientInfo: true,
    ...options,
    url,
    disableOfflineQueue: true,
    socket: socket as NonNullable<RedisClientOptions["socket"]>,
  });
}

interface Waiting {
  readonly resolve: (client: Client) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection that is made anew whenever it breaks or gives no answer, until it is closed. Each is a client of its
 * own, so that nothing of an old one is ever sent on a new one.
 */
export class Link {
  readonly #url: string;
  readonly #options: ClientOptions;
  readonly #timeout: number;
  readonly #prepare: (client: Client) => Promise<void>;
  readonly #onReady: () => void;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<Waiting>();
  #client: Client | undefined;
  /** Ends the wait for the connection's end. */
  #release: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #count = 0;

  /**
   * @param timeout - how long connecting may take, in milliseconds
   * @param prepare - called with each new connection, before it counts as ready
   * @param onReady - called whenever one is ready: things may have been lost before
   */
  constructor(
    url: string,
    options: ClientOptions,
    timeout: number,
    prepare: (client: Client) => Promise<void>,
    onReady: () => void,
  ) {
    this.#url = url;
    this.#options = options;
    this.#timeout = timeout;
    this.#prepare = prepare;
    this.#onReady = onReady;
  }

  /** How many connections there have been, this one included. */
  get count(): number {
    return this.#count;
  }

  /** The connection that is ready. */
  get client(): Client | undefined {
    return this.#client;
  }

  /**
   * Connects, if it has not yet, and waits for it.
   *
   * @param timeout - in milliseconds
   * @throws RedisBrokerError ERR_REDIS_OFFLINE
   */
  async ready(timeout: number): Promise<Client> {
    if (this.#closing.signal.aborted) throw closed();
    if (this.#client !== undefined) return this.#client;
    this.#running ??= this.#run();
    let waiting: Waiting | undefined;
    const ready = new Promise<Client>((resolve, reject) => {
      this.#waiting.add((waiting = { resolve, reject }));
    });
    try {
      return await inTime(ready, timeout, offline);
    } finally {
      this.#waiting.delete(waiting!);
    }
  }

  /** Gives a connection up for a new one. What waits for an answer on it fails. */
  renew(client: Client): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#release?.();
  }

  /** Resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { reject } of this.#waiting) reject(closed());
    this.#release?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      if (await this.#connectOnce()) pause = FIRST_PAUSE;
      // Spread, since every process has lost it at the same moment.
      const spread = pause * (0.5 + Math.random() / 2);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
      await delay(spread, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** @returns whether it was ready, when it is over */
  async #connectOnce(): Promise<boolean> {
    const client = newClient(this.#url, this.#options);
    const over = new Promise<void>((resolve) => {
      this.#release = resolve;
      // What goes wrong is told by the commands that it breaks.
      client.on("error", () => resolve());
    });
    try {
      const preparing = client.connect().then(() => this.#prepare(client));
      preparing.catch(() => {});
      const isReady = await inTime(
        Promise.race([preparing.then(() => true), over.then(() => false)]),
        this.#timeout,
        offline,
      );
      if (!isReady || this.#closing.signal.aborted) return false;
      this.#count++;
      this.#client = client;
      this.#onReady();
      for (const { resolve } of this.#waiting) resolve(client);
      await over;
      return true;
    } catch {
      return false;
    } finally {
      if (this.#client === client) this.#client = undefined;
      client.destroy();
    }
  }
}

function offline(): RedisBrokerError {
  return new RedisBrokerError("ERR_REDIS_OFFLINE", "There is no connection to Redis.");
}

function closed(): RedisBrokerError {
  return new RedisBrokerError("ERR_REDIS_OFFLINE", "The broker is closed.");
}
