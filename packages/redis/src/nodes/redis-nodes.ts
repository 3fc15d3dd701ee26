import { type NewRevocation, type Nodes, type NodesListener, SluiceError } from "@sluice/core";
import { Connection } from "../connection.js";
import { readOptions } from "../options.js";
import { Subscriber } from "../subscriber.js";
import { Coalesced } from "./coalesced.js";
import { LeasedCounts } from "./leased-counts.js";
import { type NodesSettings, readNodesOptions, type RedisNodesOptions } from "./options.js";
import { RevocationLog } from "./revocation-log.js";

/** What there is from {@link RedisNodes.open} on. */
interface Parts {
  readonly log: RevocationLog;
  readonly counts: LeasedCounts;
}

/**
 * Joins the nodes of an application through Redis 6.2 or newer, or Valkey: what one revokes is refused by all, and ends
 * on all within a second.
 */
export class RedisNodes implements Nodes {
  readonly #settings: NodesSettings;
  readonly #connection: Connection;
  readonly #subscriber: Subscriber;
  readonly #pulls = new Coalesced(() => this.#pull());
  #parts: Parts | undefined;
  /** Why Redis can't be asked, since it was last asked. */
  #failure: Error | undefined;
  #isListening = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * Connects when it is first used.
   *
   * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
   */
  constructor(options: RedisNodesOptions) {
    this.#settings = readNodesOptions(options);
    const { url, client, commandTimeout } = this.#settings;
    this.#connection = new Connection(url, client, commandTimeout);
    const settings = readOptions({ url, client, commandTimeout });
    this.#subscriber = new Subscriber(url, settings, () => this.#check());
  }

  open(listener: NodesListener): void {
    if (this.#parts !== undefined || this.#closed) {
      throw new SluiceError("ERR_OPTION", "RedisNodes are opened once, by the plugin.");
    }
    const settings = this.#settings;
    const counts = new LeasedCounts(this.#connection, settings, listener);
    this.#parts = { log: new RevocationLog(this.#connection, settings, listener), counts };
    void counts.begin();
    this.#look();
  }

  async revoke(revocation: NewRevocation): Promise<void> {
    await this.#opened.log.store(revocation);
  }

  sync(): Promise<void> | undefined {
    const { admits } = this.#settings;
    // It is asked again and again, also when nobody waits for it.
    if (this.#failure !== undefined) {
      return admits ? undefined : Promise.reject(this.#failure);
    }
    const pulled = this.#pulls.run();
    return admits ? pulled.catch(() => {}) : pulled;
  }

  async count(key: string): Promise<number> {
    return this.#opened.counts.count(key);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#parts?.log.close();
    if (this.#failure === undefined) await this.#parts?.counts.leave();
    await Promise.all([this.#subscriber.close(), this.#connection.close()]);
  }

  get #opened(): Parts {
    if (this.#parts !== undefined && !this.#closed) return this.#parts;
    throw new SluiceError(
      "ERR_NOT_STORED",
      "RedisNodes work from the registration of the plugin, or connections.join(nodes), to the end of the application.",
    );
  }

  async #pull(): Promise<void> {
    try {
      await this.#opened.log.pull();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error as Error;
      throw error;
    }
  }

  /** Asks for what is new; what goes wrong is known to those who wait for it. */
  #check(): void {
    if (!this.#closed) this.#pulls.run().catch(() => {});
  }

  /** Asks from time to time, whatever is told. */
  #look(): void {
    this.#check();
    void this.#subscriber.check();
    if (!this.#isListening) this.#listen();
    // Spread, so that nodes don't all ask at once.
    const pause = this.#settings.checkInterval * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#look(), pause).unref();
  }

  #listen(): void {
    this.#isListening = true;
    // From then on the connection listens again by itself when it comes back.
    this.#subscriber
      .subscribe(this.#opened.log.topic, () => this.#check())
      .catch(() => {
        this.#isListening = false;
      });
  }
}
