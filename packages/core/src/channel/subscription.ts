import type { Carries, EventMap, SseEvent } from "@sluice/protocol";
import type { Frame } from "../frame.js";
import { PushIterator } from "../stream/push-iterator.js";
import { ATTACH, type Attachment, type PushSource, type Sink } from "../stream/push-source.js";
import {
  type FlowOptions,
  type FlowSettings,
  readFlow,
  refuseUnknown,
  requireFunction,
  type StateReader,
} from "./channel-options.js";
import type { Hub } from "./hub.js";
import { Reader, type ReaderSettings } from "./reader.js";
import { SluiceError } from "../errors.js";
import { show } from "../show.js";

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
  readonly filter?: (event: Readonly<SseEvent>) => boolean;
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

/**
 * A way to listen to a channel, or to several. A handler returns it; or code iterates it, which gives
 * frames that are not encoded again when they are yielded: `yield* channel.subscribe()`. Each use of
 * it is a subscription of its own.
 */
export class Subscription<M extends EventMap = EventMap>
  implements PushSource, AsyncIterable<Frame<M>>
{
  readonly #acquire: () => Hub;
  readonly #settings: ReaderSettings;

  /** Made by `subscribe`. */
  constructor(acquire: () => Hub, settings: ReaderSettings) {
    this.#acquire = acquire;
    this.#settings = settings;
  }

  [ATTACH](sink: Sink): Attachment {
    return new Reader(this.#acquire, this.#settings, sink);
  }

  /**
   * The events as frames, from when the first is asked for. A `sluice.reset` is among them: yield the
   * frame itself, for its name is reserved. One that asks too slowly gets what `overflow` says;
   * `"disconnect"` throws `ERR_STREAM_OVERFLOW`.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Frame<M>, undefined> {
    return new PushIterator<Frame<M>>(this);
  }
}

// Carries the types of its events, for `EventsOf`.
export interface Subscription<M extends EventMap> extends Carries<M> {}

/** What a channel says for all its subscriptions. */
export interface ChannelDefaults {
  readonly flow: FlowSettings;
  readonly snapshot: StateReader<EventMap> | undefined;
  readonly onResync: StateReader<EventMap> | undefined;
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
    filter: filter && ((frame) => filter(frame.event)),
    signal,
  };
}
