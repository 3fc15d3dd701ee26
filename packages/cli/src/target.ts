import { UsageError } from "./usage-error.js";

/** Where a stream is. */
export interface Target {
  /** What is asked for: without a name and password. */
  readonly url: string;
  /** What may be shown of it: no name, no password, no query. */
  readonly shown: string;
  /** What the URL's name and password become (RFC 7617), as `curl` has it. */
  readonly authorization: string | undefined;
  /** What must not be shown. */
  readonly secrets: readonly string[];
}

/**
 * Reads a URL. Its scheme may be left out, and so may the host of this machine: `localhost:3000/news`, `:3000/news`.
 *
 * @throws UsageError
 */
export function parseTarget(text: string): Target {
  const written = text.startsWith(":") ? `localhost${text}` : text;
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  if (!URL.canParse(whole)) throw new UsageError("the URL can't be read");
  const url = new URL(whole);
  if (!/^https?:$/.test(url.protocol))
    throw new UsageError("the URL must begin with http or https");

  const name = decode(url.username);
  const password = decode(url.password);
  const credentials = Buffer.from(`${name}:${password}`).toString("base64");
  const hasCredentials = name !== "" || password !== "";
  url.username = "";
  url.password = "";
  url.hash = "";
  const query = url.search === "" ? "" : "?...";
  return {
    url: url.href,
    shown: `${url.origin}${url.pathname}${query}`,
    authorization: hasCredentials ? `Basic ${credentials}` : undefined,
    secrets: [password, ...url.searchParams.values(), url.search],
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
