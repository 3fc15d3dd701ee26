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
 * key. Bodies that have no value in JSON, such as a form's, are all the same.
 */
export function identify(url: SseUrl, { method, body, key }: StreamSource): string {
  if (url == null) return "";
  const content = body instanceof URLSearchParams ? String(body) : body;
  return JSON.stringify([String(url), method, content, key]);
}
