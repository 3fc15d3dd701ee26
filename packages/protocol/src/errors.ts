import type { SseEvent } from "./event.js";

/** Every code that an {@link SseEncodeError} can carry. */
export const SSE_ENCODE_ERROR_CODES = [
  "ERR_SSE_EMPTY",
  "ERR_SSE_DATA",
  "ERR_SSE_EVENT",
  "ERR_SSE_RESERVED_EVENT",
  "ERR_SSE_ID",
  "ERR_SSE_RETRY",
  "ERR_SSE_COMMENT",
] as const;

/** One of {@link SSE_ENCODE_ERROR_CODES}. */
export type SseEncodeErrorCode = (typeof SSE_ENCODE_ERROR_CODES)[number];

/**
 * Thrown when a value can't be written as a server-sent event. Nothing has been written when it is thrown, and
 * nothing was cleaned or left out: the value has to change.
 */
export class SseEncodeError extends TypeError {
  override readonly name = "SseEncodeError";
  /** What was wrong, for programs. */
  readonly code: SseEncodeErrorCode;
  /** The field that was wrong; undefined when the value as a whole was, or a field that events don't have. */
  readonly field: keyof SseEvent | undefined;

  /**
   * @param code what was wrong
   * @param field where
   * @param message what was wrong and what to do about it
   * @param options `cause`: the error that JSON.stringify or a `toJSON` threw
   */
  constructor(
    code: SseEncodeErrorCode,
    field: keyof SseEvent | undefined,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.code = code;
    this.field = field;
  }
}

// JSON.stringify leaves these raw; in a log or a terminal they move the cursor or turn the text around.
const UNPRINTABLE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const SHOWN = 40;

/** Shows the start of a text in a message: quoted, control characters escaped, at most 40 characters of it. */
export function quote(text: string): string {
  const start = JSON.stringify(text.slice(0, SHOWN)).replace(
    UNPRINTABLE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return text.length > SHOWN ? `${start}... (${text.length} characters)` : start;
}
