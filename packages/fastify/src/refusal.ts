import { encodeRetry } from "@sluice/core";
import type { FastifyReply } from "fastify";
import { prepareHead } from "./head.js";
import type { LimitError } from "./limits.js";

/**
 * Answers a request that a limit refuses. A status stops a native `EventSource` for good, so that there
 * is a gentler way: an empty stream that says when to come back.
 *
 * @throws the error itself, for Fastify to answer with, with `"status"`
 */
export function refuse(
  error: LimitError,
  refuseWith: "status" | "retry",
  reply: FastifyReply,
): FastifyReply {
  if (refuseWith === "status") throw error;
  prepareHead(reply);
  return reply.send(encodeRetry(error.retryAfter * 1_000));
}
