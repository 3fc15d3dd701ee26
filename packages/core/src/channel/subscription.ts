import type { Carries, EventMap, Outcome } from "@sluice/protocol";
import type { Frame } from "../frame.js";
import { PushIterator } from "../stream/push-iterator.js";
import { ATTACH, type Attachment, type PushSource, type Sink } from "../stream/push-source.js";
import type { Hub } from "./hub.js";
import { Reader } from "./reader.js";
import type { ReaderSettings } from "./subscribe-options.js";

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
   *
   * It is over when the channel is, however that has ended: a loop needs no `catch` for it. `yield*`
   * gives the outcome: `if ((yield* channel.subscribe()) === "failed") throw new HttpError(410);`. It
   * gives undefined where the subscription ended first, by its signal.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Frame<M>, Outcome | undefined> {
    return new PushIterator<Frame<M>>(this);
  }
}

// Carries the types of its events, for `EventsOf`.
export interface Subscription<M extends EventMap> extends Carries<M> {}
