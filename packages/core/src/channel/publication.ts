import {
  encode,
  type EventIn,
  type EventMap,
  normalize,
  type SilentEvent,
  type SseShorthand,
} from "@sluice/protocol";
import { SluiceError } from "../errors.js";
import { Frame, type FrameIn } from "../frame.js";
import type { EntryKind } from "./broker.js";

/** What can be published: an event with data, without an id. */
export type PublishIn<M extends EventMap> =
  | WithoutId<Exclude<EventIn<M>, SilentEvent>>
  | FrameIn<M>;

/** Distributes over the events; data that is given alone has no fields. */
type WithoutId<E> = E extends SseShorthand ? E : E & { readonly id?: undefined };

/** What came of a publication. */
export interface Published {
  /** The event's id in its channel. */
  readonly id: string;
  /** How many connections of this process it goes to; a filter of theirs may leave it out. */
  readonly local: number;
}

/**
 * Encodes an event for its channel. A frame is not encoded again.
 *
 * @param channel - its name, for errors
 * @throws SseEncodeError; SluiceError `ERR_CHANNEL`
 */
export function toEntry(
  channel: string,
  value: EventIn<EventMap> | Frame,
): { readonly kind: EntryKind; readonly text: string } {
  const event = value instanceof Frame ? value.event : normalize(value);
  const text = value instanceof Frame ? value.text : encode(event);
  if (event.id !== undefined) {
    throw new SluiceError(
      "ERR_CHANNEL",
      `An event for the channel ${JSON.stringify(channel)} has the id ${JSON.stringify(event.id)}, but a channel gives its events their ids. Leave it out; an id of your own belongs into the data.`,
    );
  }
  if (event.data === undefined) {
    throw new SluiceError(
      "ERR_CHANNEL",
      `An event for the channel ${JSON.stringify(channel)} has no data, so that no client would see it. Give it data.`,
    );
  }
  return { kind: typeof event.data === "string" ? "text" : "json", text };
}
