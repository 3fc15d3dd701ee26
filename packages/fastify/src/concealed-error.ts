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

function statusOf(error: unknown): number {
  const status: unknown =
    typeof error === "object" && error !== null ? Reflect.get(error, "statusCode") : undefined;
  return typeof status === "number" && status >= 400 && status <= 599 ? status : 500;
}
