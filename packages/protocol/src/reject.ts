import { SseEncodeError, quote } from "./errors.js";
import type { SseEvent } from "./event.js";

const FIELDS: ReadonlySet<string> = new Set<keyof SseEvent>([
  "data",
  "event",
  "id",
  "retry",
  "comment",
]);

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
    if (FIELDS.has(key) || value === undefined) continue;
    return new SseEncodeError(
      "ERR_SSE_DATA",
      "data",
      `The event has no data, but a field ${quote(key)}, which would not be sent; wrap what the client should get: { data: ... }.`,
    );
  }
  return undefined;
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
