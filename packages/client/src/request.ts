import { SseClientError } from "./errors.js";

// As `fetch` has them, wherever it comes from: Node's types don't name them.
type Headings = NonNullable<ConstructorParameters<typeof Headers>[0]>;
type Body = NonNullable<RequestInit["body"]>;

/** How the request for a stream is made: what `fetch` takes, and a little more. */
export interface RequestOptions extends Omit<RequestInit, "body" | "cache" | "headers" | "signal"> {
  /** @defaultValue `"POST"` with a body, else `"GET"` */
  method?: string;
  /** Headers, or a function that is asked for them before each attempt, so that a token is fresh. */
  headers?: Headings | (() => Headings | Promise<Headings>);
  /** Objects and arrays are sent as JSON. A stream can't be sent twice, and isn't taken. */
  body?: Exclude<Body, ReadableStream> | { readonly [key: string]: unknown } | readonly unknown[];
  /** @defaultValue the global `fetch` */
  fetch?: typeof globalThis.fetch;
}

/**
 * What the next attempt asks for.
 *
 * @throws SseClientError `ERR_OPTION` for what no request can carry
 */
export async function makeRequest(
  options: RequestOptions,
  lastEventId: string,
): Promise<RequestInit> {
  const given = typeof options.headers === "function" ? await options.headers() : options.headers;
  let body = options.body as Body | null | undefined;
  const headers = toHeaders(given);
  const setDefault = (name: string, value: string): void => {
    if (!headers.has(name)) headers.set(name, value);
  };
  setDefault("accept", "text/event-stream");
  // A header holds bytes: those of the id in UTF-8, as the standard wants it (WHATWG HTML, section 9.2.4).
  if (lastEventId !== "") {
    headers.set("last-event-id", String.fromCharCode(...new TextEncoder().encode(lastEventId)));
  }
  if (body?.constructor === Object || Array.isArray(body)) {
    body = JSON.stringify(body);
    setDefault("content-type", "application/json");
  }
  return { ...options, headers, body: body ?? null, cache: "no-store" };
}

function toHeaders(headers: Headings | undefined): Headers {
  try {
    return new Headers(headers);
  } catch (cause) {
    throw new SseClientError("ERR_OPTION", `headers: ${String(cause)}`, { cause });
  }
}
