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
  /** What the client brought as its last id, without the mark; undefined on a first connect. */
  readonly lastEventId: string | undefined;
  /** The id carries the mark of a completed stream. */
  readonly completed: boolean;
  /** Why it can't be an id that was ever sent to a client. */
  readonly problem: string | undefined;
}

const NONE: ResumePoint = { lastEventId: undefined, completed: false, problem: undefined };

/** The query parameters of clients that can't set the header. */
const PARAMETERS = ["lastEventId", "evs_last_event_id"] as const;

/**
 * Reads where the client wants to go on: the `Last-Event-ID` header (WHATWG HTML section 9.2.4),
 * else the query parameter `lastEventId`. What can't be an id is no error here: who reads it says so,
 * and a channel tells the client by a reset.
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
 * The last id, for an application that reads it.
 *
 * @throws HttpError 400 when the id could never have been sent to a client
 */
export function requireLegal({ lastEventId, problem }: ResumePoint): string | undefined {
  if (problem !== undefined) throw new HttpError(400, problem, { code: "ERR_LAST_EVENT_ID" });
  return lastEventId;
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
      return illegal("", `query.${name}`, "must be given once");
    return check(`${value}`, `query.${name}`);
  }
  return NONE;
}

function check(id: string, where: string): ResumePoint {
  if (Buffer.byteLength(id) > MAX_LAST_EVENT_ID_BYTES)
    return illegal(id, where, `must have at most ${MAX_LAST_EVENT_ID_BYTES} bytes`);
  if (!isLegalId(id))
    return illegal(id, where, "must have no control character and no space at either end");
  if (!isEndMark(id)) return { lastEventId: id, completed: false, problem: undefined };
  const lastEventId = id === END_MARK ? undefined : stripEndMark(id);
  return { lastEventId, completed: true, problem: undefined };
}

/** A channel takes no such id for one of its own: it is told, if need be, that it is malformed. */
function illegal(id: string, where: string, rule: string): ResumePoint {
  const lastEventId = id === "" ? "\0" : id;
  return { lastEventId, completed: false, problem: `${where} ${rule}.` };
}
