import type { EventMap, Jsonify, SseEvent } from "@sluice/protocol";
import { SluiceError } from "../errors.js";
import type { Frame } from "../frame.js";
import { show } from "../show.js";
import {
  type FlowOptions,
  type FlowSettings,
  readFlow,
  refuseUnknown,
  requireFunction,
  type StateReader,
} from "./channel-options.js";

/** An event of a channel, as a client gets it. */
export type ReceivedEvent<M extends EventMap> = string extends keyof M
  ? Readonly<SseEvent>
  : { [N in keyof M & string]: Received<N, M[N]> }[keyof M & string];

/** A `message` may have been published without its name. */
interface Received<N extends string, D> {
  readonly event: N extends "message" ? N | undefined : N;
  readonly data: Jsonify<D>;
  readonly id: string;
  readonly comment?: string;
  readonly retry?: number;
}

/** What `subscribe` takes. What is left out is the channel's. */
export interface SubscribeOptions<M extends EventMap = EventMap> extends FlowOptions {
  /**
   * Where to go on: an id that the client has seen. It may be anything; what can't be resumed is told
   * by a `sluice.reset`.
   * @defaultValue what the request brought, where a handler returns the subscription; none, where it
   * is iterated
   */
  readonly lastEventId?: string | undefined;
  /** How many events of the past someone gets who comes without a cursor. @defaultValue 0 */
  readonly last?: number;
  /** The event that someone gets first who comes without a cursor. */
  readonly snapshot?: StateReader<M>;
  /** The event that follows a `sluice.reset`. @defaultValue {@link snapshot} */
  readonly onResync?: StateReader<M>;
  /**
   * Which events are sent. It sees an event as a client does: with its id, its data as JSON has left
   * it.
   */
  readonly filter?: (event: ReceivedEvent<M>) => boolean;
  /** Ends the subscription when it is aborted, as if the channel had ended. */
  readonly signal?: AbortSignal | undefined;
}

const KNOWN = [
  "lastEventId",
  "last",
  "snapshot",
  "onResync",
  "filter",
  "signal",
  "overflow",
  "maxBufferedBytes",
  "stallTimeout",
];

/** How a reader joins and goes on, checked. */
export interface ReaderSettings {
  readonly flow: FlowSettings;
  /** Where to go on; undefined for what the client brought. */
  readonly lastEventId: string | undefined;
  /** How many events of the past a first joiner gets. */
  readonly last: number;
  readonly snapshot: StateReader<EventMap> | undefined;
  readonly onResync: StateReader<EventMap> | undefined;
  readonly filter: ((frame: Frame) => boolean) | undefined;
  /** How many events the channel keeps. */
  readonly kept: number;
  readonly signal: AbortSignal | undefined;
}

/** What a channel says for all its subscriptions. */
export interface ChannelDefaults {
  /** How many events it keeps. */
  readonly kept: number;
  readonly flow: FlowSettings;
  readonly snapshot: StateReader<EventMap> | undefined;
  readonly onResync: StateReader<EventMap> | undefined;
}

const plain = new WeakMap<ChannelDefaults, ReaderSettings>();

/** What holds where `subscribe` is given nothing: made once, however many connections there are. */
export function plainSettings(defaults: ChannelDefaults): ReaderSettings {
  let settings = plain.get(defaults);
  if (settings === undefined)
    plain.set(defaults, (settings = readSubscribeOptions("", {}, defaults)));
  return settings;
}

/**
 * Checks what `subscribe` was given.
 *
 * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`
 */
export function readSubscribeOptions<M extends EventMap>(
  where: string,
  options: SubscribeOptions<M>,
  defaults: ChannelDefaults,
): ReaderSettings {
  refuseUnknown(where, options, KNOWN);
  const { lastEventId, last = 0, snapshot, onResync, filter, signal } = options;
  for (const name of ["snapshot", "onResync", "filter"] as const)
    requireFunction(where, name, options[name]);
  if (!Number.isSafeInteger(last) || last < 0)
    throw new SluiceError(
      "ERR_OPTION",
      `${where}: last must be a whole number, not ${show(last)}.`,
    );
  if (snapshot !== undefined && last > 0) {
    throw new SluiceError(
      "ERR_OPTION",
      `${where}: someone who comes without a cursor gets either the last events or a snapshot. Take last or snapshot away.`,
    );
  }
  if (lastEventId !== undefined && typeof lastEventId !== "string") {
    throw new SluiceError(
      "ERR_OPTION",
      `${where}: lastEventId must be a text, not ${show(lastEventId)}.`,
    );
  }
  return {
    flow: readFlow(where, options, defaults.flow),
    lastEventId,
    last,
    // Who asks for events of the past gets them in place of a snapshot.
    snapshot: (snapshot ?? (last > 0 ? undefined : defaults.snapshot)) as StateReader<EventMap>,
    onResync: (onResync ??
      snapshot ??
      defaults.onResync ??
      defaults.snapshot) as StateReader<EventMap>,
    kept: defaults.kept,
    filter: filter && ((frame) => filter(frame.event as ReceivedEvent<M>)),
    signal,
  };
}
