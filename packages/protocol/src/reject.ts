import { SseEncodeError, quote } from "./errors.js";
import type { SseEvent } from "./event.js";

/** Whether a key is that of a field of an event. Faster than a Set, in the way of every event. */
export function isField(key: string): key is keyof SseEvent {
  return key === "data" || key === "event" || key === "id" || key === "retry" || key === "comment";
}

/** The error for a value that can't be data: undefined, a function, a symbol, a bigint. */
export function notData(value: unknown): SseEncodeError {
  const type = typeof value;
  const remedy =
    type === "undefined"
      ? "leave the event out, or send null"
      : type === "bigint"
        ? "convert it with String(...) or Number(...)"
        : "send a string or a value that JSON can hold";
  const named = type === "undefined" ? type : `a ${type}`;
  return new SseEncodeError(
    "ERR_SSE_DATA",
    "data",
    `An event's data can't be ${named}; ${remedy}.`,
  );
}

/** The error for an object that has none of an event's fields. */
export function notAnEvent(value: object): SseEncodeError {
  return new SseEncodeError(
    "ERR_SSE_EMPTY",
    undefined,
    `Expected an event, got ${describe(value)} with none of the fields data, event, id, retry, comment; ${remedyFor(value)}.`,
  );
}

/**
 * The error for an object without data that has a field of its own beside an event's: a record such as
 * `{ id: "7", name: "Ann" }`, of which only the id would be sent.
 *
 * @returns undefined when each field is an event's
 */
export function strayField(event: SseEvent): SseEncodeError | undefined {
  for (const [key, value] of Object.entries(event)) {
    if (isField(key) || value === undefined) continue;
    return new SseEncodeError(
      "ERR_SSE_DATA",
      "data",
      `The event has no data, but a field ${quote(key)}, which would not be sent; wrap what the client should get: { data: ... }.`,
    );
  }
  return undefined;
}

/**
 * Refuses a field beside data that is none of an event's, as in `{ type: "tick", data: 1 }`: it would be left out.
 * What is inherited or undefined is let through.
 */
export function refuseUnknown(event: SseEvent, key: string): void {
  if (!Object.hasOwn(event, key) || event[key as keyof SseEvent] === undefined) return;
  const remedy =
    key === "type" ? 'an event\'s name is its field "event"' : "put it into data, or leave it out";
  throw new SseEncodeError(
    "ERR_SSE_DATA",
    undefined,
    `The event has a field ${quote(key)} beside its data, which would not be sent; ${remedy}. An event's fields are data, event, id, retry and comment.`,
  );
}

function describe(value: object): string {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag !== "Object") return `an instance of ${quote(tag)}`;
  const key = Object.keys(value)[0];
  return key === undefined ? "an empty object" : `an object (its first field is ${quote(key)})`;
}

function remedyFor(value: object): string {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return "decode it first and send the text: { data: new TextDecoder().decode(bytes) }";
  }
  if ("then" in value) return "await it first, then send { data: ... }";
  return "wrap what the client should get: { data: ... }";
}
