import type { FastifyBaseLogger } from "fastify";

/**
 * Reports a fault that nobody is told of otherwise. An application without a logger gets a warning of
 * the process in place of a line in the log, or it would learn nothing.
 *
 * @param where - the handler, as `Class.method`
 * @param fields - what else the line has, of a run
 */
export function logFault(
  log: FastifyBaseLogger,
  error: unknown,
  where: string,
  fields: { readonly run?: string } = {},
): void {
  const what = fields.run === undefined ? "event stream failed" : "run failed";
  if (writes(log)) log.error({ err: error, route: where, ...fields }, what);
  else warnOfFault(log, error, where);
}

/** Warns of a fault that the log of an application without a logger can't show. */
export function warnOfFault(log: FastifyBaseLogger, error: unknown, where: string): void {
  if (writes(log)) return;
  process.emitWarning(`${where} failed: ${textOf(error)}`, {
    type: "SluiceWarning",
    detail: `${stackOf(error)}Nothing logs it: give Fastify a logger, as in Fastify({ logger: true }).`,
  });
}

/** Without a logger, Fastify has one with no level, which does nothing. */
function writes(log: FastifyBaseLogger): boolean {
  return (log.level as string | undefined) !== undefined || log.error !== log.info;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? `${error.stack}\n` : "";
}
