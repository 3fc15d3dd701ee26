import { SseEncodeError, quote } from "./errors.js";
import type { SseEvent, SseYield } from "./event.js";
import { checkId, idProblem } from "./id.js";
import { isField, notAnEvent, notData, refuseUnknown, strayField } from "./reject.js";
import {
  END_EVENT,
  END_MARK,
  POSITION_EVENT,
  RESERVED_PREFIX,
  RESET_EVENT,
  type Outcome,
  type Reset,
} from "./reserved.js";

const MAX_RETRY = 2 ** 31 - 1;
const LINE_BREAK = /\r\n|\r|\n/g;

/**
 * Writes one event in the event stream format (WHATWG HTML, section 9.2.5), or throws and writes nothing.
 *
 * The fields come in the order comment, event, id, retry, data, each with a blank after its colon, each line ended by
 * LF. A frame with an event, an id or data ends with a blank line; a comment or a retry alone does not, because some
 * clients would dispatch an empty message.
 *
 * @param value an event, or a string, number, boolean, null or array that is its data
 * @returns the text of the frame
 * @throws SseEncodeError when the value is no event or one of its fields can't be sent as it is
 */
export function encode(value: SseYield): string {
  const event = normalize(value);
  const { comment, event: name, id, retry, data } = event;
  let frame = "";
  if (comment !== undefined) frame += encodeComment(comment);
  if (name !== undefined) frame += nameLine(name);
  if (id !== undefined) frame += idLine(id);
  if (retry !== undefined) frame += encodeRetry(retry);
  if (data !== undefined) {
    for (const key in event) if (!isField(key)) refuseUnknown(event, key);
    // JSON escapes line breaks and lone surrogates itself.
    return typeof data === "string"
      ? `${frame}${lines("data: ", data)}\n`
      : `${frame === knownLine ? knownStart : `${frame}data: `}${json(data)}\n\n`;
  }

  if ("data" in event) throw notData(data);
  if (name !== undefined) {
    throw new SseEncodeError(
      "ERR_SSE_DATA",
      "data",
      `The event ${quote(name)} has no data, and clients never dispatch such an event; add data, null if there is nothing to say.`,
    );
  }
  if (frame === "") throw notAnEvent(event);
  const stray = strayField(event);
  if (stray !== undefined) throw stray;
  return id === undefined ? frame : frame + "\n";
}

/**
 * Turns what a source yielded into an event. An object comes back as it is, unchecked; `encode` checks it.
 *
 * @throws SseEncodeError `ERR_SSE_DATA` for undefined, a function, a symbol or a bigint
 */
export function normalize(value: SseYield): SseEvent {
  switch (typeof value) {
    case "object":
      return value === null || isArray(value) ? { data: value } : value;
    case "string":
    case "number":
    case "boolean":
      return { data: value };
    default:
      throw notData(value);
  }
}

/**
 * The frame that ends a finished stream: `sluice.end`, with the last id and the mark of the end as its id.
 *
 * @param lastEventId the last id the client has. One that could not come back with the mark (illegal, or too long) is
 * left out, because the end has to be told in any case; the id is then the mark alone.
 * @param outcome how the stream ended
 */
export function encodeEnd(lastEventId: string | undefined, outcome: Outcome): string {
  const last =
    lastEventId === undefined || idProblem(lastEventId) !== undefined
      ? ""
      : wellFormed(lastEventId);
  return `event: ${END_EVENT}\nid: ${last}${END_MARK}\ndata: ${JSON.stringify({ outcome })}\n\n`;
}

/**
 * The frame that tells a client that events are missing before it.
 *
 * @param id the position from which nothing is missing
 * @param reset what is missing, and why
 * @throws SseEncodeError `ERR_SSE_ID`
 */
export function encodeReset(id: string, reset: Reset): string {
  return `event: ${RESET_EVENT}\n${idLine(id)}data: ${JSON.stringify(reset)}\n\n`;
}

/**
 * The frame that tells a client where it is.
 *
 * It is a whole event, although an id alone is legal: some parsers pass over an id without data.
 *
 * @param id the position
 * @throws SseEncodeError `ERR_SSE_ID`
 */
export function encodePosition(id: string): string {
  return `event: ${POSITION_EVENT}\n${idLine(id)}data: {}\n\n`;
}

/**
 * A `retry` line without a blank line after it.
 *
 * @param ms how long the client waits before it reconnects, in milliseconds: an integer from 0 to 2^31-1
 * @throws SseEncodeError `ERR_SSE_RETRY`
 */
export function encodeRetry(ms: number): string {
  if (!Number.isInteger(ms) || ms < 0 || ms > MAX_RETRY) {
    const shown = typeof ms === "number" ? `${ms}` : ms === null ? "null" : `a ${typeof ms}`;
    throw new SseEncodeError(
      "ERR_SSE_RETRY",
      "retry",
      `retry must be a whole number of milliseconds from 0 to ${MAX_RETRY}, not ${shown}; round or convert it first.`,
    );
  }
  // -0 is an integer too, and prints as 0.
  return `retry: ${ms}\n`;
}

/**
 * A comment, each of its lines with a colon of its own, without a blank line after it.
 *
 * @throws SseEncodeError `ERR_SSE_COMMENT` when it is not a string
 */
export function encodeComment(text: string): string {
  if (typeof text !== "string") {
    throw new SseEncodeError(
      "ERR_SSE_COMMENT",
      "comment",
      `A comment must be a string, not ${text === null ? "null" : `a ${typeof text}`}; convert it with String(...), or send it as data.`,
    );
  }
  return lines(": ", text);
}

/** The last name that was checked, and its line: a stream's events mostly have the same. */
let knownName = "";
let knownLine = "event: \n";
let knownStart = "event: \ndata: ";

function nameLine(name: string): string {
  if (name !== knownName) {
    knownLine = checkedNameLine(name);
    knownStart = `${knownLine}data: `;
    knownName = name;
  }
  return knownLine;
}

function checkedNameLine(name: string): string {
  if (typeof name !== "string") {
    throw new SseEncodeError(
      "ERR_SSE_EVENT",
      "event",
      `An event's name must be a string, not ${name === null ? "null" : `a ${typeof name}`}; leave it out, or convert it with String(...).`,
    );
  }
  if (hasLineBreak(name)) {
    throw new SseEncodeError(
      "ERR_SSE_EVENT",
      "event",
      `The event's name ${quote(name)} contains a line break, which would start another field; remove it.`,
    );
  }
  if (name.startsWith(RESERVED_PREFIX)) {
    throw new SseEncodeError(
      "ERR_SSE_RESERVED_EVENT",
      "event",
      `The event's name ${quote(name)} begins with "${RESERVED_PREFIX}", which is reserved; choose another.`,
    );
  }
  return "event: " + wellFormed(name) + "\n";
}

function idLine(id: string): string {
  checkId(id);
  return "id: " + wellFormed(id) + "\n";
}

function json(data: unknown): string {
  if (typeof data !== "object" && typeof data !== "number" && typeof data !== "boolean")
    throw notData(data);
  let text: string | undefined;
  try {
    text = JSON.stringify(data);
  } catch (cause) {
    throw new SseEncodeError(
      "ERR_SSE_DATA",
      "data",
      "The event's data could not be written as JSON: it holds a cycle or a bigint, or a toJSON or getter of it throws (see the cause); send a plain copy of what the client needs.",
      { cause },
    );
  }
  if (text === undefined) {
    throw new SseEncodeError(
      "ERR_SSE_DATA",
      "data",
      "The event's data has a toJSON that returns nothing that JSON can hold; return a value from it, or null.",
    );
  }
  return text;
}

function lines(prefix: string, text: string): string {
  const clean = wellFormed(text);
  if (!hasLineBreak(clean)) return prefix + clean + "\n";
  return prefix + clean.replace(LINE_BREAK, "\n" + prefix) + "\n";
}

function hasLineBreak(text: string): boolean {
  return text.indexOf("\n") !== -1 || text.indexOf("\r") !== -1;
}

function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}

// Array.isArray does not narrow a readonly array away.
function isArray(value: SseEvent | readonly unknown[]): value is readonly unknown[] {
  return Array.isArray(value);
}
