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
  if (isForClient(error) || reply.server.errorHandler.name !== "defaultErrorHandler") return error;
  const { statusCode, status } = Object(error) as ErrorLike;
  const told = [statusCode, status].find((value) => isBetween(500, value, 599)) ?? 500;
  warnOfFault(reply.log, error, route);
  return new ConcealedError(error, told as number, route);
}

interface ErrorLike {
  readonly statusCode?: unknown;
  readonly status?: unknown;
  readonly code?: unknown;
  readonly expose?: unknown;
}

/**
 * Whether an error was made for the client. A status alone does not say so: the clients of databases
 * and of language models throw errors with that of the answer they got, and its text.
 */
function isForClient(error: unknown): boolean {
  if (error instanceof HttpError) return true;
  if (!(error instanceof Error)) return false;
  const { statusCode, status, code, expose } = error as ErrorLike;
  if (!isBetween(400, statusCode ?? status, 499)) return false;
  // As http-errors and @fastify/error mark theirs; or as Fastify's guide has it, by hand.
  if (expose === true) return true;
  if (typeof code === "string") return code.startsWith("FST_");
  return statusCode !== undefined && Object.getPrototypeOf(error) === Error.prototype;
}

function isBetween(least: number, value: unknown, most: number): boolean {
  return typeof value === "number" && value >= least && value <= most;
}
