import type { EventMap, SseEvent } from "@sluice/protocol";
import { Frame, type FramedEvent } from "../frame.js";
import type { Entry } from "./broker.js";

/** An entry of a channel as a frame; its event is read from the text when somebody asks for it. */
export class EntryFrame<M extends EventMap = EventMap> extends Frame<M> {
  readonly #entry: Entry;
  #read: FramedEvent<M> | undefined;

  constructor(entry: Entry) {
    super(withId(entry));
    this.#entry = entry;
  }

  get id(): string {
    return this.#entry.id;
  }

  /** The event as a client gets it: its data is what JSON has left of it. */
  override get event(): FramedEvent<M> {
    return (this.#read ??= readEvent(this.#entry) as FramedEvent<M>);
  }
}

/** The id of a frame's event, if it has one; the event itself is not read for it. */
export function idOfFrame(frame: Frame): string | undefined {
  return frame instanceof EntryFrame ? frame.id : frame.event.id;
}

/** The text of an entry with its id. */
export function withId({ id, text }: Entry): string {
  return `id: ${id}\n${text}`;
}

/** Reads an event from the text that our own encoder has written. */
function readEvent({ id, kind, text }: Entry): SseEvent {
  const event: SseEvent = { id };
  const data: string[] = [];
  const comment: string[] = [];
  for (const line of text.split("\n")) {
    const colon = line.indexOf(": ");
    const value = line.slice(colon + 2);
    switch (line.slice(0, Math.max(colon, 0))) {
      case "data":
        data.push(value);
        break;
      case "event":
        event.event = value;
        break;
      case "retry":
        event.retry = Number(value);
        break;
      case "":
        if (colon === 0) comment.push(value);
        break;
    }
  }
  if (comment.length > 0) event.comment = comment.join("\n");
  event.data = kind === "json" ? (JSON.parse(data.join("\n")) as unknown) : data.join("\n");
  return event;
}
