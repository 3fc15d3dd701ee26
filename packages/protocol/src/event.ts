/**
 * One server-sent event. Each field is optional, but one of them has to be there, and `event` needs `data`.
 *
 * `undefined` in any field but `data` means that the field is absent. `data: undefined` throws, because it is nearly
 * always a mistake.
 */
export interface SseEvent<TData = unknown, TName extends string = string> {
  /** A string is sent as it is, anything else as JSON. */
  data?: TData;
  /** The name that a client listens for. Without one it is `message`. Names that begin with `sluice.` are reserved. */
  event?: TName | undefined;
  /** What the client sends back as `Last-Event-ID` when it reconnects. An empty string clears it. */
  id?: string | undefined;
  /** How long the client waits before it reconnects, in milliseconds: an integer from 0 to 2^31-1. */
  retry?: number | undefined;
  /** A text that clients ignore. */
  comment?: string | undefined;
}

/** What may be yielded instead of `{ data: value }`. */
export type SseShorthand = string | number | boolean | null | readonly unknown[];

/** What a source may yield: an event, or a value that is its data. */
export type SseYield = SseEvent | SseShorthand;

/** An event with a name and data, of which the name's literal type is known. */
export interface NamedEvent<TData, TName extends string> extends SseEvent<TData, TName> {
  data: TData;
  event: TName;
}

/**
 * Makes an event and keeps the literal type of its name, which an object literal would widen to `string`.
 *
 * @param name the event's name
 * @param data its data
 * @param rest its other fields
 */
export function event<const TName extends string, TData>(
  name: TName,
  data: TData,
  rest?: Pick<SseEvent, "id" | "retry" | "comment">,
): NamedEvent<TData, TName> {
  return { ...rest, event: name, data };
}
