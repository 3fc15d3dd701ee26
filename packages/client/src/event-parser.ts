import { POSITION_EVENT } from "@sluice/protocol";
import type { Message } from "./line.js";

export interface EventParserOptions {
  /** How many characters the lines of an event may have. */
  readonly maxEventSize: number;
  /** An event; an id without data comes as a position. */
  readonly onMessage: (message: Message) => void;
  /** The server tells a reconnection time, in milliseconds. */
  readonly onRetry: (time: number) => void;
  readonly onComment: () => void;
}

/**
 * Reads an event stream (WHATWG HTML, section 9.2.6). What does not end in a blank line is no event.
 *
 * @returns a function that takes the next piece of the text, wherever that is cut, and tells whether it may be given
 * more: not after an event that is too large
 */
export function createEventParser({
  maxEventSize,
  onMessage,
  onRetry,
  onComment,
}: EventParserOptions): (piece: string) => boolean {
  let event: string | undefined;
  let id: string | undefined;
  let data: string | undefined;
  /** How many characters the event has so far. */
  let size = 0;
  /** The line that has not ended. */
  let rest = "";
  let isAfterCr = false;

  const endEvent = (): void => {
    if (data !== undefined) onMessage({ event, data, id });
    else if (id !== undefined) onMessage({ event: POSITION_EVENT, data: "{}", id });
    event = data = id = undefined;
    size = 0;
  };

  const readLine = (line: string): void => {
    const colon = line.indexOf(":");
    // What begins with the colon is a comment. Keep-alives need no blank line, and are no part of an event.
    if (colon === 0) return onComment();
    size += line.length;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (name === "data") data = data === undefined ? value : `${data}\n${value}`;
    else if (name === "event") event = value || undefined;
    else if (name === "id" && !value.includes("\0")) id = value;
    else if (name === "retry" && /^\d+$/.test(value)) onRetry(Number(value));
  };

  return (piece) => {
    const text = isAfterCr && piece.startsWith("\n") ? piece.slice(1) : piece;
    if (piece !== "") isAfterCr = piece.endsWith("\r");
    const lines = text.split(/\r\n?|\n/);
    lines[0] = rest + lines[0]!;
    rest = lines.pop()!;
    for (const line of lines) {
      if (size + line.length > maxEventSize) return false;
      if (line === "") endEvent();
      else readLine(line);
    }
    return size + rest.length <= maxEventSize;
  };
}
