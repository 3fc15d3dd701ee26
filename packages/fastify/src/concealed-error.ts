import { STATUS_CODES } from "node:http";
import { HttpError } from "@sluice/core";
import type { FastifyReply } from "fastify";
import { warnOfFault } from "./fault-log.js";

/**
 * What a client sees of a fault inside: the status. The log has the handler, the fault's code, which
 * a client does not get, and as the cause the fault itself.
 */
class ConcealedError extends Error {
  readonly statusCode: number;
  readonly route: string;
  declare readonly fault?: unknown;

  constructor(cause: unknown, statusCode: number, route: string) {
    super(STATUS_CODES[statusCode] ?? "Internal Server Error", { cause });
    this.name = cause instanceof Error ? cause.name : "Error";
    // The cause has the stack that tells something.
    this.stack = `${this.name}: ${this.message}`;
    this.statusCode = statusCode;
    this.route = route;
    if (cause instanceof Error && "code" in cause) this.fault = cause.code;
  }
}

/**
 * Gives the error that Fastify is to answer with. Fastify's own error handler sends the message of
 * any error to the client, so a fault inside is concealed from it. An `HttpError` is made for the
 * client, and an application's own handler gets every error as it was thrown.
 *
 * @param route - the handler, as `Class.method`
 */
export function concealed(error: unknown, reply: FastifyReply, route: string): unknown {
  if (error instanceof HttpError || reply.server.errorHandler.name !== "defaultErrorHandler")
    return error;
  const statusCode = statusOf(error);
  if (statusCode < 500) return error;
  warnOfFault(reply.log, error, route);
  return new ConcealedError(error, statusCode, route);
}

/** The status that Fastify would answer with, by the names that it reads. */
function statusOf(error: unknown): number {
  if (typeof error !== "object" || error === null) return 500;
  const { statusCode, status } = error as { statusCode?: unknown; status?: unknown };
  return [statusCode, status].find(isErrorStatus) ?? 500;
}

function isErrorStatus(value: unknown): value is number {
  return typeof value === "number" && value >= 400 && value <= 599;
}
