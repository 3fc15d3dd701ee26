import {
  encode,
  normalize,
  type Carries,
  type EncodedEvent,
  type EntryOfMap,
  type EventIn,
  type EventMap,
  type SseShorthand,
} from "@sluice/protocol";
import { SharedText } from "./shared-text.js";

/** One of the map's events; data that was given alone stands in `data`. */
export type FramedEvent<M extends EventMap> = Readonly<Exclude<EventIn<M>, SseShorthand>>;

/** A frame of one of the map's events. */
export type FrameIn<M extends EventMap> = string extends keyof M
  ? Frame
  : Frame<M> | { [N in keyof M]: Frame<Pick<M, N>> }[keyof M];

/**
 * An event that is encoded once and may be sent to any number of connections.
 *
 * A source may yield frames in place of events: `const tick = Frame.of({ data: 1 })`.
 */
export class Frame<M extends EventMap = EventMap> extends SharedText {
  readonly #event: FramedEvent<M> | undefined;

  /** @param event - left out by a kind of frame that reads its event from elsewhere */
  protected constructor(text: string, event?: FramedEvent<M>) {
    super(text);
    this.#event = event;
  }

  /**
   * Encodes an event.
   *
   * @throws SseEncodeError when the event is not legal.
   */
  static of<M extends EventMap = EventMap>(event: EventIn<M>): Frame<M> {
    const normalized = normalize(event);
    return new Frame<M>(encode(normalized), normalized as FramedEvent<M>);
  }

  /** Whether it is one that Sluice sends on its own account, such as `sluice.reset`. */
  get isControl(): boolean {
    return false;
  }

  /** The event, not copied: a change to it does not reach the text. */
  get event(): FramedEvent<M> {
    return this.#event!;
  }
}

// Carries the types of its events, for `EventsOf` and `SseEvents`.
export interface Frame<M extends EventMap> extends Carries<M>, EncodedEvent<EntryOfMap<M>> {}
