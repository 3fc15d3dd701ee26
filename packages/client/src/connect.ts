import type { EventMap } from "@sluice/protocol";
import { Client, type ClientSettings, type SseClient } from "./client.js";
import { openFetchLine } from "./fetch-line.js";
import type { OpenLine } from "./line.js";
import { checkOptions } from "./check-options.js";
import type { ConnectOptions } from "./options.js";
import { resolveUrl } from "./surroundings.js";

/**
 * Follows a stream of server-sent events, over `fetch`, until it is complete. It is opened at once, and again whenever
 * it is lost, from the last event that was taken.
 *
 * @typeParam M - the stream's events: `EventsOf<Controller["method"]>`
 * @param url - may be relative where there is a page
 * @throws SseClientError `ERR_OPTION`; TypeError for what is no URL
 */
export function connect<M extends EventMap = EventMap>(
  url: string | URL,
  ...[options]: {} extends ConnectOptions<M> ? [ConnectOptions<M>?] : [ConnectOptions<M>]
): SseClient<M> {
  const method = options?.method ?? (options?.body == null ? "GET" : "POST");
  const settings = { ...options, method: method.toUpperCase() } as ClientSettings;
  checkOptions(settings);
  const href = String(url);
  // What is no URL is refused at once: no further attempt would cure it.
  if (settings.fetch === undefined) resolveUrl(href);
  const open: OpenLine = (target) => openFetchLine(href, settings, target);
  const client = new Client(href, settings, settings.share?.(open, href) ?? open);
  return client as unknown as SseClient<M>;
}
