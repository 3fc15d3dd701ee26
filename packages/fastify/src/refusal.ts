import { encodeRetry, HttpError, RunRefusedError } from "@sluice/core";
import type { FastifyReply } from "fastify";
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

/** The refusal that an error stands for; undefined for any other error. */
export function refusalOf(error: unknown): RefusedError | undefined {
  if (error instanceof RefusedError) return error;
  if (!(error instanceof RunRefusedError)) return undefined;
  const { statusCode, message, code, cause } = error;
  return new RefusedError(statusCode === 429 ? 429 : 503, message, code!, cause);
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
