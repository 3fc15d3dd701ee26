import { SseEncodeError, quote } from "./errors.js";
import { END_MARK, MAX_LAST_EVENT_ID_BYTES, isEndMark } from "./reserved.js";

/** The completion frame adds its mark to the last id, and the sum has to fit. */
const MAX_SENT_ID_BYTES = MAX_LAST_EVENT_ID_BYTES - END_MARK.length;

/**
 * Checks an id before it is sent.
 *
 * @param id the id of an event; empty is legal and clears the client's last id (WHATWG HTML, section 9.2.6)
 * @throws SseEncodeError `ERR_SSE_ID`
 */
export function checkId(id: string): void {
  const problem = idProblem(id);
  if (problem === undefined) return;
  const shown = typeof id === "string" ? ` ${quote(id)}` : "";
  throw new SseEncodeError("ERR_SSE_ID", "id", `The event's id${shown} ${problem}.`);
}

/**
 * Whether an id that a client brought back can be one that was sent: no control character, no space at either end,
 * no lone surrogate, at most 1024 bytes of UTF-8. It may carry the mark of a finished stream.
 *
 * @param id the decoded `Last-Event-ID`
 */
export function isLegalId(id: string): boolean {
  return (
    fits(id, MAX_LAST_EVENT_ID_BYTES) && !hasControl(id) && !hasOuterSpace(id) && id.isWellFormed()
  );
}

/** Says what is wrong with an id that is to be sent, as the end of a sentence; undefined when nothing is. */
export function idProblem(id: unknown): string | undefined {
  if (typeof id !== "string") {
    return id === null
      ? "must be a string, not null; leave it out, or write an empty string to clear the last one"
      : `must be a string, not a ${typeof id}; write id: String(id)`;
  }
  // The length first: what follows looks at each character.
  if (!fits(id, MAX_SENT_ID_BYTES)) {
    return `is longer than ${MAX_SENT_ID_BYTES} bytes of UTF-8, and a client would be refused when it sends it back; send a shorter one`;
  }
  if (hasControl(id)) {
    return "contains a line break or another control character, which cannot come back in a Last-Event-ID header; encode it, for instance with encodeURIComponent";
  }
  if (hasOuterSpace(id)) {
    return "begins or ends with a space, which HTTP trims when it comes back in Last-Event-ID; trim or encode it";
  }
  if (isEndMark(id)) return `ends in "${END_MARK}", the mark of a finished stream; choose another`;
  return undefined;
}

function hasControl(id: string): boolean {
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return true;
  }
  return false;
}

function hasOuterSpace(id: string): boolean {
  return id.startsWith(" ") || id.endsWith(" ");
}

/** Whether a text takes at most so many bytes as UTF-8. A code unit takes three at most, so that few are counted. */
function fits(text: string, limit: number): boolean {
  if (text.length * 3 <= limit) return true;
  if (text.length > limit) return false;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isPair(unit, text.charCodeAt(i + 1))) {
      bytes += 4;
      i++;
    } else bytes += 3; // also a lone surrogate, which is sent as U+FFFD
  }
  return bytes <= limit;
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}
