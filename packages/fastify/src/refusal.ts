import { encodeRetry, HttpError, RunLimitError } from "@sluice/core";
import type { FastifyReply } from "fastify";
import { connectionRefused } from "./diagnostics.js";
import { prepareHead } from "./head.js";

/** When a client that was refused is to come back, in seconds: spread, so that not all come at once. */
const RETRY_AFTER = 5;

/** A request that is refused for now. */
export class RefusedError extends HttpError {
  /** In seconds. */
  readonly retryAfter: number;

  constructor(status: 429 | 503, message: string, code: string, cause?: unknown) {
    const retryAfter = RETRY_AFTER + Math.floor(Math.random() * RETRY_AFTER);
    const headers = { "retry-after": String(retryAfter) };
    super(status, message, cause === undefined ? { code, headers } : { code, headers, cause });
    this.retryAfter = retryAfter;
  }
}

/**
 * The refusal that an error stands for; undefined for any other error.
 *
 * @param route - the handler, as `Class.method`
 */
export function refusalOf(error: unknown, route: string): RefusedError | undefined {
  if (error instanceof RefusedError) return error;
  if (!(error instanceof RunLimitError)) return undefined;
  const { statusCode, message, limit } = error;
  if (connectionRefused.hasSubscribers) connectionRefused.publish({ route, limit });
  return new RefusedError(statusCode === 429 ? 429 : 503, message, "ERR_LIMIT");
}

/**
 * Answers a request that is refused for now. A status stops a native `EventSource` for good, so that there
 * is a gentler way: an empty stream that says when to come back.
 *
 * @throws the error itself, for Fastify to answer with, with `"status"`
 */
export function refuse(
  error: RefusedError,
  refuseWith: "status" | "retry",
  reply: FastifyReply,
): FastifyReply {
  if (refuseWith === "status") throw error;
  prepareHead(reply);
  return reply.send(encodeRetry(error.retryAfter * 1_000));
}
