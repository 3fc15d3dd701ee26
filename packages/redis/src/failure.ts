import { ClientClosedError, ClientOfflineError, ErrorReply } from "@redis/client";
import { RedisBrokerError } from "./errors.js";

/** What the failure of a command means. */
export function toFailure(cause: unknown): RedisBrokerError {
  if (cause instanceof RedisBrokerError) return cause;
  if (cause instanceof ErrorReply) {
    return new RedisBrokerError("ERR_REDIS_REPLY", `Redis refused: ${cause.message}`, { cause });
  }
  if (cause instanceof ClientOfflineError || cause instanceof ClientClosedError) {
    return new RedisBrokerError("ERR_REDIS_OFFLINE", "There is no connection to Redis.", { cause });
  }
  return new RedisBrokerError("ERR_REDIS_DEADLINE", "The connection to Redis was lost.", { cause });
}

/** A command had no answer for so many milliseconds. */
export function noAnswer(timeout: number): RedisBrokerError {
  const message = `Redis gave no answer within ${Math.round(timeout)} ms.`;
  return new RedisBrokerError("ERR_REDIS_DEADLINE", message);
}

/**
 * The first word of what the server refused with, such as `NOSCRIPT`; undefined where it was another failure.
 */
export function refusalOf(error: unknown): string | undefined {
  const cause = error instanceof RedisBrokerError ? error.cause : undefined;
  return cause instanceof ErrorReply ? /^[A-Z]+/.exec(cause.message)?.[0] : undefined;
}
