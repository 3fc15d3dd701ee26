import { createHash } from "node:crypto";
import {
  type Broker,
  type Follower,
  type Following,
  type Page,
  type Publication,
  type RunStore,
  SluiceError,
} from "@sluice/core";
import { type RedisBrokerOptions, type RedisSettings, readOptions } from "./options.js";
import { RedisRunStore } from "./runs/redis-run-store.js";
import { Shard } from "./shard.js";

/** What an event takes that waits, beside its text, in bytes. */
const OVERHEAD = 512;

/**
 * A broker on Redis 6.2 or newer, or Valkey, for any number of processes: streams hold the histories, pub/sub tells what is
 * new, and whoever follows repairs what pub/sub lost.
 */
export class RedisBroker implements Broker {
  readonly #settings: RedisSettings;
  readonly #shards: readonly Shard[];
  readonly #runs: RedisRunStore;
  #queuedBytes = 0;
  #closing: Promise<void> | undefined;

  /**
   * Connects when it is first used.
   *
   * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
   */
  constructor(options: RedisBrokerOptions) {
    this.#settings = readOptions(options);
    this.#shards = this.#settings.urls.map((url) => new Shard(url, this.#settings));
    this.#runs = new RedisRunStore(this.#settings, (key) => this.#shardOf(key).connection);
  }

  /** The runs of all processes that use the same servers and the same prefix. */
  get runs(): RunStore {
    return this.#runs;
  }

  async publish(publication: Publication): Promise<string> {
    const { channel, text } = publication;
    this.#refuseClosed(channel);
    const size = Buffer.byteLength(text) + OVERHEAD;
    if (this.#queuedBytes > 0 && this.#queuedBytes + size > this.#settings.maxQueuedBytes) {
      throw new SluiceError(
        "ERR_NOT_STORED",
        `An event for the channel ${JSON.stringify(channel)} was not stored: ${this.#queuedBytes} bytes wait for Redis already (maxQueuedBytes). Publish it later.`,
      );
    }
    this.#queuedBytes += size;
    try {
      return await this.#shardOf(channel).publish(publication);
    } finally {
      this.#queuedBytes -= size;
    }
  }

  async follow(channel: string, follower: Follower): Promise<Following> {
    this.#refuseClosed(channel);
    return this.#shardOf(channel).follow(channel, follower);
  }

  async read(
    channel: string,
    after: string,
    through: string | undefined,
    bytes: number,
  ): Promise<Page> {
    return this.#shardOf(channel).read(channel, after, through, bytes);
  }

  async rewind(channel: string, count: number, from: string): Promise<string> {
    return this.#shardOf(channel).rewind(channel, count, from);
  }

  /** Lets what is being published come to an end, and closes the connections. */
  close(): Promise<void> {
    this.#runs.close();
    this.#closing ??= Promise.all(this.#shards.map((shard) => shard.close())).then(() => {});
    return this.#closing;
  }

  #refuseClosed(channel: string): void {
    if (this.#closing === undefined) return;
    throw new SluiceError(
      "ERR_BROKER_CLOSED",
      `The channel ${JSON.stringify(channel)} can't be used any more: its broker is closed, as it is when the application ends.`,
    );
  }

  /** @param name - of a channel, or the key of a run */
  #shardOf(name: string): Shard {
    if (this.#shards.length === 1) return this.#shards[0]!;
    const digest = createHash("sha1").update(name).digest();
    return this.#shards[digest.readUInt32BE(0) % this.#shards.length]!;
  }
}
