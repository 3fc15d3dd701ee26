import type { SseEvent } from "@sluice/protocol";
import type { CloseReason } from "../close-reason.js";
import { SluiceError } from "../errors.js";
import type { StreamOverflow } from "./push-source.js";

/** The bound of a stream's buffer, in bytes, where nothing else is said. */
export const DEFAULT_MAX_BUFFERED_BYTES = 1_048_576;

const OVERFLOWS: readonly StreamOverflow[] = ["disconnect", "drop-oldest", "drop-newest"];

/** The options of an `SseStream`. */
export interface SseStreamOptions {
  /**
   * How many bytes may wait for a client that reads slowly. What is sent before the handler returned
   * the stream, when its route is not known, is held against this or the default alone.
   * @defaultValue the route's `maxBufferedBytes`, else 1,048,576
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * What happens when they are exceeded: the client is disconnected and may resume, or events are
   * dropped, counted and reported.
   * @defaultValue the route's `overflow`, else `"disconnect"`
   */
  readonly overflow?: StreamOverflow | undefined;
  /**
   * Called with each event that was dropped, and how many have been so far. It may send; what is
   * dropped by that is counted only.
   */
  readonly onDrop?: ((event: SseEvent, dropped: number) => unknown) | undefined;
}

/** Called when a stream closed. What it throws, or rejects with, is logged. */
export type CloseListener = (reason: CloseReason) => unknown;

/** @throws SluiceError `ERR_OPTION` */
export function checkStreamOptions({ maxBufferedBytes, overflow }: SseStreamOptions): void {
  if (
    maxBufferedBytes !== undefined &&
    !(Number.isSafeInteger(maxBufferedBytes) && maxBufferedBytes >= 0)
  ) {
    throw new SluiceError(
      "ERR_OPTION",
      `SseStream: maxBufferedBytes must be a whole number of bytes, not ${String(maxBufferedBytes)}.`,
    );
  }
  if (overflow !== undefined && !OVERFLOWS.includes(overflow)) {
    throw new SluiceError(
      "ERR_OPTION",
      `SseStream: overflow must be one of ${OVERFLOWS.join(", ")}, not ${overflow}.`,
    );
  }
}
