import type { EventMap, Jsonify, Outcome, Reset } from "@sluice/core";

/** How much of an event's data a message shows, in characters. */
const SHOWN = 200;

/** An event as a client receives it. */
export class ReceivedEvent<N extends string = string, D = unknown> {
  /** `"message"` where the server gave no name. */
  readonly event: N;
  /** The data as text, as it stood on the wire. */
  readonly data: string;
  readonly id: string | undefined;

  constructor(event: N, data: string, id: string | undefined) {
    this.event = event;
    this.data = data;
    this.id = id;
  }

  /**
   * What the server sent as data: the data parsed, or the data itself where it is no JSON, for a
   * string is sent as it is. The wire does not tell the string `"42"` from the number: where the
   * server sends strings that may read as JSON, look at {@link data}.
   */
  get json(): D {
    return parse(this.data) as D;
  }
}

/** An event on one line, for a message. */
export function showEvent({ event, data, id }: ReceivedEvent): string {
  const text =
    data.length <= SHOWN ? data : `${data.slice(0, SHOWN)}... (${data.length} characters)`;
  return `${event} ${text}${id === undefined ? "" : ` (id ${id})`}`;
}

/** The events that Sluice sends of its own accord, and that a test receives. */
interface OwnEvents {
  "sluice.end": { readonly outcome: Outcome };
  "sluice.reset": Reset;
}

/** The names that a stream's events may have; any, where its events are not known. */
export type EventName<M extends EventMap> = string extends keyof M
  ? string
  : (keyof M & string) | keyof OwnEvents;

/** What a client of a stream receives: of the given name, or any of its events. */
export type EventOf<M extends EventMap, N extends string = EventName<M>> = N extends keyof OwnEvents
  ? ReceivedEvent<N, OwnEvents[N]>
  : ReceivedEvent<N, Jsonify<M[N]>>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
