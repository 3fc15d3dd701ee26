import type { FastifyBaseLogger } from "fastify";
import type { ConnectionClosed } from "./diagnostics.js";

/** The one line that Sluice adds to Fastify's own about a request: how its stream went. */
export function logClose(log: FastifyBaseLogger, closed: ConnectionClosed): void {
  const { route, reason, events, bytes, dropped, resets } = closed;
  log.info(
    {
      route,
      reason,
      duration: Math.round(closed.duration),
      events,
      bytes,
      ...(dropped > 0 && { dropped }),
      ...(resets > 0 && { resets }),
    },
    "event stream closed",
  );
}
