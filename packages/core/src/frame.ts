import { Buffer } from "node:buffer";
import {
  encode,
  normalize,
  type Carries,
  type EventIn,
  type EventMap,
  type SseShorthand,
} from "@sluice/protocol";

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
export class Frame<M extends EventMap = EventMap> {
  /** The event, not copied: a change to it does not reach {@link text}. */
  readonly event: FramedEvent<M>;
  /** The event as it stands on the wire. */
  readonly text: string;
  #bytes: Buffer | undefined;
  #chunk: Buffer | undefined;

  private constructor(event: FramedEvent<M>, text: string) {
    this.event = event;
    this.text = text;
  }

  /**
   * Encodes an event.
   *
   * @throws SseEncodeError when the event is not legal.
   */
  static of<M extends EventMap = EventMap>(event: EventIn<M>): Frame<M> {
    const normalized = normalize(event);
    return new Frame<M>(normalized as FramedEvent<M>, encode(normalized));
  }

  /** The UTF-8 bytes of {@link text}. Each connection gets the same buffer: don't write to it. */
  get bytes(): Buffer {
    return (this.#bytes ??= Buffer.from(this.text));
  }

  /** The bytes as one chunk of HTTP/1.1's chunked coding (RFC 9112 section 7.1), shared likewise. */
  get chunk(): Buffer {
    if (this.#chunk === undefined) {
      const size = Buffer.byteLength(this.text);
      this.#chunk = Buffer.from(`${size.toString(16)}\r\n${this.text}\r\n`);
    }
    return this.#chunk;
  }
}

// Carries the types of its events, for `EventsOf`.
export interface Frame<M extends EventMap> extends Carries<M> {}
