import type { Message } from "../line.js";

/** A place in a stream. Ids are opaque and a message may have none: such messages are counted from the last id. */
export interface Place {
  /** The last id in force; empty before the first. */
  readonly id: string;
  /** How many messages without an id have come since, on one connection. */
  readonly since: number;
}

/** Where a connection begins that resumes from an id, which is empty for none. */
export function placeOf(id: string): Place {
  return { id, since: 0 };
}

/** Where a message leads to. */
export function placeAfter({ id, since }: Place, message: Message): Place {
  return message.id === undefined ? { id, since: since + 1 } : placeOf(message.id);
}

export function isSamePlace(a: Place, b: Place): boolean {
  return a.id === b.id && a.since === b.since;
}
