import type { Broker } from "./broker.js";
import { ChannelFeed } from "./channel-feed.js";
import { Hub, type HubKeeper } from "./hub.js";
import { MergedFeed } from "./merged-feed.js";

/** How often connections that are behind are looked after, in milliseconds. */
const SWEEP_INTERVAL = 500;

/** The hubs of this process: one for each channel, and each set of channels, that somebody is connected to. */
export class Hubs implements HubKeeper {
  readonly ringBytes: number;
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

  /** The hub of a channel, if somebody is connected to it. */
  find(channel: string): Hub | undefined {
    return this.#hubs.get(keyOf([channel]));
  }

  /**
   * The hub of a channel or a set of them. Whoever asks for it joins it, or nobody would release it.
   *
   * @param channels - sorted
   */
  acquire(channels: readonly string[]): Hub {
    const key = keyOf(channels);
    let hub = this.#hubs.get(key);
    if (hub === undefined) {
      const feed =
        channels.length === 1
          ? new ChannelFeed(this.#broker, channels[0]!)
          : new MergedFeed(channels, () => channels.map((channel) => this.acquire([channel])));
      hub = new Hub(feed, this);
      this.#hubs.set(key, hub);
    }
    return hub;
  }

  watch(hub: Hub): void {
    this.#watched.add(hub);
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_INTERVAL).unref();
  }

  release(hub: Hub): void {
    const key = keyOf(hub.feed.channels);
    if (this.#hubs.get(key) === hub) this.#hubs.delete(key);
    this.#unwatch(hub);
  }

  close(): void {
    for (const hub of this.#hubs.values()) hub.close();
    this.#hubs.clear();
    this.#watched.clear();
    clearInterval(this.#timer);
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

/** No name of a channel has a control character. */
function keyOf(channels: readonly string[]): string {
  return channels.join("\n");
}
