import type { IncomingHttpHeaders } from "node:http";
import { HttpError } from "@sluice/core";
import Negotiator from "negotiator";

const EVENT_STREAM = "text/event-stream";

/**
 * Refuses a client that wants something else than an event stream (RFC 9110 section 12.5.1). No
 * `Accept` at all is welcome, and so is any range that covers it.
 *
 * @throws HttpError 406
 */
export function requireEventStream(headers: IncomingHttpHeaders): void {
  const { accept } = headers;
  if (accept === undefined || accept === EVENT_STREAM || accept === "*/*") return;
  if (new Negotiator({ headers }).mediaType([EVENT_STREAM]) === undefined) {
    throw new HttpError(
      406,
      `This route answers with ${EVENT_STREAM}, which the Accept header excludes.`,
    );
  }
}
