import { setTimeout as delay } from "node:timers/promises";
import { encodeRetry } from "@sluice/core";
import type { Http2Sessions } from "./http2-sessions.js";
import type { Registry } from "./registry.js";

/**
 * Ends every stream because the server closes. Each client is told when to come back: after the
 * window, for this server answers 503 until then, and spread over as long again.
 *
 * @param window - how long the responses may take to get out, in milliseconds; then they are cut off
 */
export async function shutdown(
  registry: Registry,
  sessions: Http2Sessions,
  window: number,
): Promise<void> {
  registry.draining = true;
  for (const connection of registry.live) {
    if (connection.isOpen) connection.end("shutdown", encodeRetry(retryAfter(window)));
  }
  const gone = new AbortController();
  await Promise.race([
    registry.idle(),
    delay(window, undefined, { signal: gone.signal }).catch(() => {}),
  ]);
  gone.abort();
  for (const connection of registry.live) connection.destroy("shutdown");
  for (const response of registry.finishing) response.destroy();
  sessions.close();
}

function retryAfter(window: number): number {
  return Math.round(window * (1 + Math.random())) + 1;
}
