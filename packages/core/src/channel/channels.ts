import type { Carries, EventMap, OfSource } from "@sluice/protocol";
import type { Nodes } from "../connections/nodes.js";
import { type NodePart, ThisNode } from "../connections/this-node.js";
import { Injectable } from "../decorators/injectable.js";
import { SluiceError } from "../errors.js";
import { show } from "../show.js";
import type { Broker, HistoryBounds } from "./broker.js";
import { holdBroker, releaseBroker } from "./broker-owners.js";
import { Channel } from "./channel.js";
import {
  type ChannelOptions,
  DEFAULT_FLOW,
  DEFAULT_HISTORY,
  type FlowOptions,
  type FlowSettings,
  type HistoryOptions,
  readFlow,
  readHistory,
  refuseUnknown,
  requireFunction,
  type StateReader,
} from "./channel-options.js";
import type { ChannelDefaults } from "./subscribe-options.js";
import { MAX_MERGED } from "./composite-cursor.js";
import { Hubs } from "./hubs.js";
import { MemoryBroker } from "./memory-broker.js";
import { Merged } from "./merged.js";

/** What `new Channels` takes, and the plugin's option `channels`. */
export interface ChannelsOptions extends FlowOptions {
  /**
   * Stores and distributes what is published; closed with the last channels that use it.
   * @defaultValue a `MemoryBroker`
   */
  readonly broker?: Broker;
  /** How much channels keep that don't say it themselves; false for nothing. */
  readonly history?: HistoryOptions | false;
}

/** A channel, whatever its events. */
interface AnyChannel extends Carries<EventMap> {
  readonly name: string;
}

/** What the count of a channel is told under. */
const countKey = (channel: string): string => `channel:${channel}`;

const NO_OPTIONS = Object.freeze({});

/** The longest name of a channel, in characters. */
const MAX_NAME = 512;

/**
 * The channels of an application. It can be injected; outside of an application,
 * `new Channels({ broker })` makes one.
 */
@Injectable()
export class Channels {
  readonly #broker: Broker;
  readonly #hubs: Hubs;
  readonly #history: HistoryBounds;
  readonly #flow: FlowSettings;
  readonly #part: NodePart = { counts: () => this.#counts() };
  /** Of channels without options. */
  #defaults: ChannelDefaults | undefined;
  #node = new ThisNode();
  readonly #countElsewhere = (channel: string): Promise<number> =>
    this.#node.countElsewhere(countKey(channel));
  #disposed = false;

  /** @throws SluiceError `ERR_OPTION`, `ERR_DURATION` */
  constructor(options: ChannelsOptions = {}) {
    const where = "channels";
    if (typeof options !== "object" || options === null || options instanceof Channels) {
      throw new SluiceError(
        "ERR_OPTION",
        `${where} must be an object of options, not ${show(options)}. To use Channels of your own, provide them: { provide: Channels, useValue: channels }.`,
      );
    }
    refuseUnknown(where, options, [
      "broker",
      "history",
      "overflow",
      "maxBufferedBytes",
      "stallTimeout",
    ]);
    this.#history = readHistory(where, options.history, DEFAULT_HISTORY);
    this.#flow = readFlow(where, options, DEFAULT_FLOW);
    this.#broker = holdBroker(options.broker === undefined ? new MemoryBroker() : options.broker);
    this.#hubs = new Hubs(this.#broker, this.#flow.maxBufferedBytes);
  }

  /**
   * What stores and distributes.
   * @internal
   */
  get broker(): Broker {
    return this.#broker;
  }

  /** How many channels, and sets of merged channels, have connections. */
  get active(): number {
    return this.#hubs.size;
  }

  /**
   * A handle on a channel; there need not have been one of that name. Its options count for what is
   * published and joined through this handle.
   *
   * @param name - up to 512 characters, without control characters
   * @throws SluiceError `ERR_CHANNEL` for a name that can't be one; `ERR_OPTION`, `ERR_DURATION`
   */
  get<M extends EventMap = EventMap>(
    name: string,
    options: ChannelOptions<M> = NO_OPTIONS,
  ): Channel<M> {
    checkName(name);
    const { snapshot, onResync } = options;
    const where = `The channel ${JSON.stringify(name)}`;
    refuseUnknown(where, options, OPTIONS);
    requireFunction(where, "snapshot", snapshot);
    requireFunction(where, "onResync", onResync);
    const history = readHistory(where, options.history, this.#history);
    const defaults: ChannelDefaults = {
      kept: history.count,
      flow: readFlow(where, options, this.#flow),
      snapshot: snapshot as StateReader<EventMap> | undefined,
      onResync: onResync as StateReader<EventMap> | undefined,
    };
    return new Channel<M>({
      name,
      countElsewhere: this.#countElsewhere,
      broker: this.#broker,
      hubs: this.#hubs,
      history,
      defaults: options === NO_OPTIONS ? (this.#defaults ??= defaults) : defaults,
    });
  }

  /**
   * Several channels as one source. What brings a client up to date is said in its `subscribe`: the
   * channels' own `snapshot` and `onResync` don't count here.
   *
   * @throws SluiceError `ERR_CHANNEL` for none, more than 32, or something else
   */
  merge<const C extends readonly AnyChannel[]>(...channels: C): Merged<OfSource<C[number]>> {
    for (const channel of channels) {
      if (channel instanceof Channel && channel.isOf(this.#hubs)) continue;
      const what =
        channel instanceof Channel
          ? `${JSON.stringify(channel.name)}, which is of other Channels`
          : show(channel);
      throw new SluiceError(
        "ERR_CHANNEL",
        `merge takes channels of its own, as get() gives them, not ${what}. Options such as a filter go to the subscribe() of the merge.`,
      );
    }
    const names = [...new Set(channels.map(({ name }) => name))].toSorted();
    if (names.length === 0 || names.length > MAX_MERGED) {
      throw new SluiceError(
        "ERR_CHANNEL",
        `merge takes 1 to ${MAX_MERGED} channels, not ${names.length}: their cursors have to fit into one Last-Event-ID. Open a second connection, or publish to a channel of fewer kinds.`,
      );
    }
    return new Merged(names, this.#hubs, {
      kept: this.#history.count,
      flow: this.#flow,
      snapshot: undefined,
      onResync: undefined,
    });
  }

  /**
   * Becomes a part of several nodes, which are told how many connections listen; for adapters.
   *
   * @returns what leaves; the nodes are closed when all have left
   * @throws SluiceError `ERR_OPTION` when they are none
   */
  join(nodes: Nodes): () => Promise<void> {
    this.#node = ThisNode.of(nodes);
    return this.#node.join(this.#part);
  }

  /**
   * Ends every subscription, and closes the broker if no other `Channels` use it. Injected ones are
   * disposed of with their application.
   */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#hubs.close();
    await releaseBroker(this.#broker);
  }

  *#counts(): Generator<[key: string, count: number]> {
    for (const [channel, size] of this.#hubs.sizes()) yield [countKey(channel), size];
  }
}

const OPTIONS = ["history", "snapshot", "onResync", "overflow", "maxBufferedBytes", "stallTimeout"];

function checkName(name: unknown): void {
  if (
    typeof name === "string" &&
    name !== "" &&
    name.length <= MAX_NAME &&
    name.isWellFormed() &&
    !/[\u0000-\u001f\u007f-\u009f]/.test(name)
  ) {
    return;
  }
  throw new SluiceError(
    "ERR_CHANNEL",
    `A channel's name must be a text of 1 to ${MAX_NAME} characters without control characters, not ${show(name)}.`,
  );
}
