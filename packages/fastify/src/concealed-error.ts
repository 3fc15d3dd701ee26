import { STATUS_CODES } from "node:http";
import { HttpError } from "@sluice/core";
import type { FastifyReply } from "fastify";

/** What a client sees of a fault inside: the status. The log has the fault itself, as the cause. */
class ConcealedError extends Error {
  readonly statusCode: number;

  constructor(cause: unknown, statusCode: number) {
    super(STATUS_CODES[statusCode] ?? "Internal Server Error", { cause });
    this.name = cause instanceof Error ? cause.name : "Error";
    this.statusCode = statusCode;
  }
}

/**
 * Gives the error that Fastify is to answer with. Fastify's own error handler sends the message of
 * any error to the client, so a fault inside is concealed from it. An `HttpError` is made for the
 * client, and an application's own handler gets every error as it was thrown.
 */
export function concealed(error: unknown, reply: FastifyReply): unknown {
  if (error instanceof HttpError || reply.server.errorHandler.name !== "defaultErrorHandler")
    return error;
  const statusCode = statusOf(error);
  return statusCode < 500 ? error : new ConcealedError(error, statusCode);
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
