import {
  encode,
  encodeEnd,
  Frame,
  type Outcome,
  type SourceItem,
  type SseYield,
} from "@sluice/core";

/** Makes text of what goes to one client, and keeps the last id that the client has. */
export class FrameEncoder {
  #lastId: string | undefined;

  /** @param lastEventId - the id that the client came back with */
  constructor(lastEventId: string | undefined) {
    this.#lastId = lastEventId;
  }

  /** @throws SseEncodeError when the item is no legal event */
  encode(item: SourceItem): string {
    if (item instanceof Frame) {
      this.note(item.event);
      return item.text;
    }
    const text = encode(item);
    this.note(item);
    return text;
  }

  /** Takes note of the last id of what was encoded elsewhere. */
  noteId(id: string): void {
    this.#lastId = id;
  }

  /** Takes note of an event that was encoded elsewhere. */
  note(event: SseYield): void {
    if (typeof event === "object" && event !== null && "id" in event && event.id !== undefined) {
      this.#lastId = event.id;
    }
  }

  /** The frame that tells the client that the stream is over, with the mark behind its last id. */
  encodeEnd(outcome: Outcome): string {
    return encodeEnd(this.#lastId, outcome);
  }
}
