import type { IncomingHttpHeaders } from "node:http";
import { RunSource } from "@sluice/core";
import type { FastifyReply } from "fastify";
import type { Connection } from "./connection.js";

/** One preference of several, with or without parameters. */
const RESPOND_ASYNC = /(?:^|,)\s*respond-async\s*(?:[;,]|$)/i;

/**
 * Whether a request that starts a run is to be answered before that is done, and without its events
 * (RFC 7240 section 4.1). A GET only asks for events.
 */
export function prefersAsync(method: string, { prefer }: IncomingHttpHeaders): boolean {
  return prefer !== undefined && method !== "GET" && RESPOND_ASYNC.test(String(prefer));
}

export function isRun(source: unknown): source is RunSource {
  return source instanceof RunSource;
}

/**
 * Answers 202 once the run has begun well.
 *
 * @throws what its handler has thrown before its first event
 */
export async function answerAccepted(
  connection: Connection,
  run: RunSource,
  reply: FastifyReply,
): Promise<void> {
  await run.begun(connection.route.openWithin);
  if (connection.isClosed) return;
  connection.close("complete");
  void reply
    .code(202)
    .headers({
      "cache-control": "no-store",
      location: reply.request.url,
      "preference-applied": "respond-async",
    })
    .send();
}
