import type { Broker } from "./broker.js";
import { ChannelFeed } from "./channel-feed.js";
import type { Feed } from "./feed.js";
import { Hub, type HubKeeper } from "./hub.js";
import { MergedFeed, mergedKey } from "./merged-feed.js";
import { PageCache } from "./page-cache.js";

/** How often connections that are behind are looked after, in milliseconds. */
const SWEEP_INTERVAL = 500;

/** The hubs of this process: one for each channel, and each set of channels, that somebody is connected to. */
export class Hubs implements HubKeeper {
  readonly ringBytes: number;
  readonly pages = new PageCache();
  readonly #broker: Broker;
  readonly #hubs = new Map<string, Hub>();
  /** Those with connections that are behind, which one timer looks after. */
  readonly #watched = new Set<Hub>();
  #timer: NodeJS.Timeout | undefined;

  constructor(broker: Broker, ringBytes: number) {
    this.#broker = broker;
    this.ringBytes = ringBytes;
  }

  /** How many channels and sets of channels have connections. */
  get size(): number {
    return this.#hubs.size;
  }

  /** How many connections each channel has, those of merged channels included. */
  *sizes(): Generator<[channel: string, size: number]> {
    for (const hub of this.#hubs.values()) {
      if (hub.feed instanceof ChannelFeed) yield [hub.feed.key, hub.size];
    }
  }

  /** The hub of a channel, if somebody is connected to it. */
  find(channel: string): Hub | undefined {
    return this.#hubs.get(channel);
  }

  /** The hub of a channel. Whoever asks for it joins it, or nobody would release it. */
  acquire(channel: string): Hub {
    return this.#acquire(channel, () => new ChannelFeed(this.#broker, channel));
  }

  /**
   * The hub of a set of channels, be it of one only: its cursors are of another kind.
   *
   * @param channels - sorted
   */
  acquireMerged(channels: readonly string[]): Hub {
    const hubs = (): Hub[] => channels.map((channel) => this.acquire(channel));
    return this.#acquire(mergedKey(channels), () => new MergedFeed(channels, hubs));
  }

  watch(hub: Hub): void {
    this.#watched.add(hub);
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_INTERVAL).unref();
  }

  release(hub: Hub): void {
    const { key } = hub.feed;
    if (this.#hubs.get(key) === hub) this.#hubs.delete(key);
    this.#unwatch(hub);
  }

  close(): void {
    for (const hub of this.#hubs.values()) hub.close();
    this.#hubs.clear();
    this.pages.clear();
    this.#watched.clear();
    clearInterval(this.#timer);
  }

  #acquire(key: string, makeFeed: () => Feed): Hub {
    let hub = this.#hubs.get(key);
    if (hub === undefined) this.#hubs.set(key, (hub = new Hub(makeFeed(), this)));
    return hub;
  }

  #sweep(): void {
    const now = performance.now();
    for (const hub of this.#watched) {
      hub.sweep(now);
      if (!hub.isAnyoneBehind) this.#unwatch(hub);
    }
  }

  #unwatch(hub: Hub): void {
    this.#watched.delete(hub);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
