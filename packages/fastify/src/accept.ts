import type { IncomingHttpHeaders } from "node:http";
import { HttpError } from "@sluice/core";
import Negotiator from "negotiator";

const EVENT_STREAM = "text/event-stream";

/** The one type under both of its names: an event stream is UTF-8, whether a client says so or not. */
const OFFERED = [EVENT_STREAM, `${EVENT_STREAM};charset=utf-8`];

/**
 * Refuses a client that wants something else than an event stream (RFC 9110 section 12.5.1). No
 * `Accept`, or an empty one, is welcome, and so is any range that covers it.
 *
 * @throws HttpError 406
 */
export function requireEventStream(headers: IncomingHttpHeaders): void {
  const { accept } = headers;
  if (!accept || accept === EVENT_STREAM || accept === "*/*") return;
  if (new Negotiator({ headers }).mediaType(OFFERED) === undefined) {
    throw new HttpError(
      406,
      `This route answers with ${EVENT_STREAM}, which the Accept header excludes.`,
    );
  }
}
