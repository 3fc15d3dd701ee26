import type { Carries, EventMap, Outcome } from "@sluice/protocol";
import { SluiceError } from "../errors.js";
import { show } from "../show.js";
import { isPromise } from "../pipeline/is-promise.js";
import { ATTACH, type Attachment, type PushSource, type Sink } from "../stream/push-source.js";
import type { Broker, HistoryBounds } from "./broker.js";
import type { Hubs } from "./hubs.js";
import { endText, isOutcome } from "./outcome.js";
import { type Published, type PublishIn, toEntry } from "./publication.js";
import {
  type ChannelDefaults,
  plainSettings,
  readSubscribeOptions,
  type SubscribeOptions,
} from "./subscribe-options.js";
import { Subscription } from "./subscription.js";

/** What a channel is made of. */
export interface ChannelParts {
  readonly name: string;
  readonly broker: Broker;
  readonly hubs: Hubs;
  readonly history: HistoryBounds;
  readonly defaults: ChannelDefaults;
  /** How many connections of the other nodes listen. */
  readonly countElsewhere: (name: string) => Promise<number>;
}

/**
 * A named sequence of events that any number of connections listen to. An event is encoded once, gets
 * an id, and is kept for those who come back. It is a source: a handler may return it.
 *
 * It is a handle: getting it costs next to nothing, and nothing has to be closed.
 */
export class Channel<M extends EventMap = EventMap> implements PushSource {
  readonly #parts: ChannelParts;

  /** Made by `Channels.get`. */
  constructor(parts: ChannelParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  /**
   * How many connections of this process listen, those of merged channels included.
   * {@link countEverywhere} asks the other nodes too.
   */
  get subscribers(): number {
    return this.#parts.hubs.find(this.name)?.size ?? 0;
  }

  /** How many events the connections that listen have been made to leave out, because they were slow. */
  get skipped(): number {
    return this.#parts.hubs.find(this.name)?.skipped ?? 0;
  }

  /**
   * About how many connections listen on all nodes: here now, and elsewhere a few seconds ago. Without
   * the plugin's option `nodes` it is {@link subscribers}.
   *
   * @throws what the nodes throw when they can't tell
   */
  async countEverywhere(): Promise<number> {
    const elsewhere = await this.#parts.countElsewhere(this.name);
    return this.subscribers + elsewhere;
  }

  /**
   * Publishes an event to everyone who listens, here and wherever the broker reaches.
   *
   * @returns a promise of its id, once it is stored
   * @throws SseEncodeError when it is no legal event; SluiceError `ERR_CHANNEL` when it has an id or no
   *   data, `ERR_CHANNEL_ENDED`, `ERR_NOT_STORED`. Nothing is published then. `ERR_OUTCOME_UNKNOWN`: nobody knows
   */
  async publish(event: PublishIn<M>): Promise<Published> {
    const { name, broker, history } = this.#parts;
    const entry = toEntry(name, event);
    const { kind, text } = entry;
    const stored = broker.publish({ channel: name, history, kind, text });
    const id = isPromise(stored) ? await stored : stored;
    return { id, local: this.subscribers };
  }

  /**
   * Ends the channel: who listens is told that it is complete, and so is who comes later, for as long
   * as the history is kept. Nothing can be published any more. Ending it again does nothing: its first
   * outcome counts.
   *
   * @param outcome - what they are told. A client does not come back after any; with `failed`, or
   *   `cancelled` where somebody wanted it so, it knows that what it has is not the whole.
   * @throws SluiceError `ERR_OPTION`, `ERR_NOT_STORED`; `ERR_OUTCOME_UNKNOWN`: nobody knows
   */
  async end(outcome: Outcome = "done"): Promise<void> {
    const { name, broker, history } = this.#parts;
    if (!isOutcome(outcome)) {
      throw new SluiceError(
        "ERR_OPTION",
        `The channel ${JSON.stringify(name)} can be ended as "done", "failed" or "cancelled", not as ${show(outcome)}.`,
      );
    }
    try {
      await broker.publish({ channel: name, history, kind: "end", text: endText(outcome) });
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === "ERR_CHANNEL_ENDED")) throw error;
    }
  }

  /**
   * Whether the channel is one of these hubs.
   * @internal
   */
  isOf(hubs: Hubs): boolean {
    return this.#parts.hubs === hubs;
  }

  /**
   * Listens with options of one's own.
   *
   * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
   */
  subscribe(options?: SubscribeOptions<M>): Subscription<M> {
    const { name, hubs, defaults } = this.#parts;
    const settings =
      options === undefined
        ? plainSettings(defaults)
        : readSubscribeOptions(`The subscription of ${JSON.stringify(name)}`, options, defaults);
    return new Subscription<M>(() => hubs.acquire(name), settings);
  }

  [ATTACH](sink: Sink): Attachment {
    return this.subscribe()[ATTACH](sink);
  }
}

// Carries the types of its events, for `EventsOf`.
export interface Channel<M extends EventMap> extends Carries<M> {}
