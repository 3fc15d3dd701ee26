/** How the request for a stream is made: what `fetch` takes, and a little more. */
export interface RequestOptions extends Omit<RequestInit, "body" | "cache" | "headers" | "signal"> {
  /** @defaultValue `"POST"` with a body, else `"GET"` */
  method?: string;
  /** Headers, or a function that is asked for them before each attempt, so that a token is fresh. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>);
  /** Objects and arrays are sent as JSON. A stream can't be sent twice, and isn't taken. */
  body?:
    | Exclude<BodyInit, ReadableStream>
    | { readonly [key: string]: unknown }
    | readonly unknown[];
  /** @defaultValue the global `fetch` */
  fetch?: typeof globalThis.fetch;
}

/** What the next attempt asks for. */
export async function makeRequest(
  options: RequestOptions,
  lastEventId: string,
): Promise<RequestInit> {
  const { headers } = options;
  let body = options.body as BodyInit | undefined;
  const all = new Headers(typeof headers === "function" ? await headers() : headers);
  const setDefault = (name: string, value: string): void => {
    if (!all.has(name)) all.set(name, value);
  };
  setDefault("accept", "text/event-stream");
  // A header holds bytes: those of the id in UTF-8, as the standard wants it (WHATWG HTML, section 9.2.4).
  if (lastEventId !== "") {
    all.set("last-event-id", String.fromCharCode(...new TextEncoder().encode(lastEventId)));
  }
  if (body?.constructor === Object || Array.isArray(body)) {
    body = JSON.stringify(body);
    setDefault("content-type", "application/json");
  }
  return {
    ...options,
    headers: all,
    body: body ?? null,
    cache: "no-store",
  };
}
