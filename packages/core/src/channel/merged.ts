import type { Carries, EventMap } from "@sluice/protocol";
import { ATTACH, type Attachment, type PushSource, type Sink } from "../stream/push-source.js";
import type { Hubs } from "./hubs.js";
import {
  type ChannelDefaults,
  readSubscribeOptions,
  type SubscribeOptions,
} from "./subscribe-options.js";
import { Subscription } from "./subscription.js";

/**
 * Several channels on one connection, with one cursor for all. The order of each channel is kept;
 * between them there is none. It ends when all of them have.
 */
export class Merged<M extends EventMap = EventMap> implements PushSource {
  /** The names of the channels, sorted. */
  readonly channels: readonly string[];
  readonly #hubs: Hubs;
  readonly #defaults: ChannelDefaults;

  /** Made by `Channels.merge`. */
  constructor(channels: readonly string[], hubs: Hubs, defaults: ChannelDefaults) {
    this.channels = channels;
    this.#hubs = hubs;
    this.#defaults = defaults;
  }

  /**
   * Listens with options of one's own; `last` counts for each channel.
   *
   * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
   */
  subscribe(options: SubscribeOptions<M> = {}): Subscription<M> {
    const where = `The subscription of ${this.channels.map((name) => JSON.stringify(name)).join(" and ")}`;
    const settings = readSubscribeOptions(where, options, this.#defaults);
    return new Subscription<M>(() => this.#hubs.acquireMerged(this.channels), settings);
  }

  [ATTACH](sink: Sink): Attachment {
    return this.subscribe()[ATTACH](sink);
  }
}

// Carries the types of its events, for `EventsOf`.
export interface Merged<M extends EventMap> extends Carries<M> {}
