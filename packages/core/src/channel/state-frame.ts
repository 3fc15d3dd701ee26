import { type EventIn, type EventMap, normalize } from "@sluice/protocol";
import { SluiceError } from "../errors.js";
import { Frame } from "../frame.js";

/**
 * The event that brings a client up to date, with the position that it belongs to.
 *
 * @throws SluiceError `ERR_CHANNEL`; SseEncodeError
 */
export function stateFrame(state: EventIn<EventMap>, position: string): Frame {
  const event = normalize(state);
  if (event.id !== undefined) {
    throw new SluiceError(
      "ERR_CHANNEL",
      `The event of a snapshot or an onResync has the id ${JSON.stringify(event.id)}, but ids are the channel's. Leave it out.`,
    );
  }
  return Frame.of({ ...event, id: position });
}
