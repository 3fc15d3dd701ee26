import { encode, Frame, type SourceItem, type SseEvent } from "@sluice/core";

/**
 * The text of what a source has yielded.
 *
 * @throws SseEncodeError when it is no legal event
 */
export function encodeItem(item: SourceItem): string {
  return item instanceof Frame ? item.text : encode(item);
}

/** The id of what a source has yielded, if it has one. */
export function idOf(item: SourceItem): string | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  return item instanceof Frame ? item.event.id : (item as SseEvent).id;
}
