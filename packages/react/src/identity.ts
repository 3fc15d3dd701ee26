import type { RequestOptions } from "@sluice/client";

/** Where a stream is; nothing while there is none to follow. */
export type SseUrl = string | URL | null | undefined;

/** What tells one stream from another. */
export interface StreamSource {
  readonly method?: string;
  readonly body?: RequestOptions["body"];
  readonly key?: string | number;
}

/**
 * Names a stream by value, so that what is written anew in each render is still the same: its URL, method, body and
 * key. Bodies that can't be compared, such as a form's, are left out.
 */
export function identify(url: SseUrl, { method, body, key }: StreamSource): string {
  return url == null ? "" : JSON.stringify([String(url), method, comparable(body), key]);
}

function comparable(body: RequestOptions["body"]): unknown {
  if (body instanceof URLSearchParams) return String(body);
  const isJson = Array.isArray(body) || body?.constructor === Object;
  return isJson || typeof body === "string" ? body : undefined;
}
