import { SseClientError } from "./errors.js";

/** What is read of a refusal at most, in bytes. */
const LONGEST_BODY = 65_536;

/**
 * Says why an answer is no stream, and another attempt would get none; undefined for one that is.
 *
 * @throws SseClientError `ERR_UNAVAILABLE` where another attempt may do better
 */
export async function readRefusal(
  response: Response,
  url: string,
): Promise<SseClientError | undefined> {
  const { ok, status, headers } = response;
  const type = headers.get("content-type") ?? "no type";
  if (ok && /^text\/event-stream\s*(;|$)/i.test(type)) return undefined;
  // Too early, too many, or the server's own trouble: it may be over the next time.
  const isPassing = status >= 500 || [408, 425, 429].includes(status);
  const code = ok ? "ERR_NOT_A_STREAM" : isPassing ? "ERR_UNAVAILABLE" : "ERR_REFUSED";
  const length = headers.get("content-length");
  const isShort = length !== null && Number(length) <= LONGEST_BODY;
  const error = new SseClientError(
    code,
    `${url}: answered ${status}${ok ? ` and ${type}, not text/event-stream` : ""}`,
    {
      status,
      body: isShort ? await response.text() : undefined,
      retryAfter: readRetryAfter(headers.get("retry-after")),
    },
  );
  if (isPassing) throw error;
  return error;
}

/** Seconds or a date (RFC 9110, section 10.2.3), as milliseconds from now. */
function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  return Math.max(Number(value) * 1_000 || Date.parse(value) - Date.now(), 0) || undefined;
}
