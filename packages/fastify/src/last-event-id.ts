import { Buffer, isUtf8 } from "node:buffer";
import {
  END_MARK,
  HttpError,
  MAX_LAST_EVENT_ID_BYTES,
  isEndMark,
  isLegalId,
  stripEndMark,
} from "@sluice/core";

export interface ResumePoint {
  /** The last id that the client has, without the mark; undefined on a first connect. */
  readonly lastEventId: string | undefined;
  /** The id carries the mark of a completed stream. */
  readonly completed: boolean;
}

const NONE: ResumePoint = { lastEventId: undefined, completed: false };

/** The query parameters of clients that can't set the header. */
const PARAMETERS = ["lastEventId", "evs_last_event_id"] as const;

/**
 * Reads where the client wants to go on: the `Last-Event-ID` header (WHATWG HTML section 9.2.4),
 * else the query parameter `lastEventId`.
 *
 * @throws HttpError 400 when the id could never have been sent to a client
 */
export function readResumePoint(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  query: unknown,
): ResumePoint {
  const header = headers["last-event-id"];
  if (header === undefined || header === "") return fromQuery(query);
  return check(decode(String(header)), "The Last-Event-ID header");
}

/**
 * Browsers send UTF-8, and Node hands each byte over as one latin1 character. `fetch` sends latin1,
 * which is hardly ever UTF-8 by chance.
 */
function decode(header: string): string {
  const bytes = Buffer.from(header, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : header;
}

function fromQuery(query: unknown): ResumePoint {
  if (typeof query !== "object" || query === null) return NONE;
  for (const name of PARAMETERS) {
    const value: unknown = Object.hasOwn(query, name) ? Reflect.get(query, name) : undefined;
    if (value === undefined || value === "") continue;
    // A schema of the route may have made a number of it.
    if (typeof value !== "string" && typeof value !== "number")
      throw illegal(`query.${name}`, "must be given once");
    return check(`${value}`, `query.${name}`);
  }
  return NONE;
}

function check(id: string, where: string): ResumePoint {
  if (Buffer.byteLength(id) > MAX_LAST_EVENT_ID_BYTES) {
    throw illegal(where, `must have at most ${MAX_LAST_EVENT_ID_BYTES} bytes`);
  }
  if (!isLegalId(id))
    throw illegal(where, "must have no control character and no space at either end");
  if (!isEndMark(id)) return { lastEventId: id, completed: false };
  const lastEventId = id === END_MARK ? undefined : stripEndMark(id);
  return { lastEventId, completed: true };
}

function illegal(where: string, rule: string): HttpError {
  return new HttpError(400, `${where} ${rule}.`, { code: "ERR_LAST_EVENT_ID" });
}
