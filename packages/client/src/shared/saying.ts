import { SSE_CLIENT_ERROR_CODES, SseClientError, type SseClientErrorCode } from "../errors.js";
import type { ClientState, Message } from "../line.js";
import type { Place } from "./place.js";

/** Asks the leader to say where it is. */
export interface Who {
  readonly says: "who";
}

/** The leader says where it is, and how its connection is. */
export interface Here {
  readonly says: "here";
  /** Tells one tab's time as the leader from all others. */
  readonly term: string;
  /** How many messages it has told in its term. */
  readonly count: number;
  readonly place: Place;
  readonly state: Exclude<ClientState, "closed">;
  readonly error?: SseClientError | undefined;
  readonly retryAt?: number | undefined;
}

/** The leader passes on what has come together. */
export interface Told {
  readonly says: "told";
  readonly term: string;
  /** How many messages it had told in its term before. */
  readonly count: number;
  /** The place before them. */
  readonly prev: Place;
  readonly messages: readonly Message[];
}

/** The leader's stream is complete or, with an error, given up. */
export interface Over {
  readonly says: "over";
  readonly term: string;
  readonly count: number;
  readonly error?: SseClientError | undefined;
}

/** What tabs say to each other. */
export type Saying = Who | Here | Told | Over;

/** Makes of a saying what can be cloned: an error would lose all but its message. */
export function writeSaying(saying: Saying): unknown {
  if (!("error" in saying) || saying.error === undefined) return saying;
  const { code, message, status, body, retryAfter } = saying.error;
  return { ...saying, error: { code, message, status, body, retryAfter } };
}

/** @returns undefined for what is no saying: anything of the same origin may talk on the channel */
export function readSaying(data: unknown): Saying | undefined {
  if (!isRecord(data)) return undefined;
  const { says, term, count, place, prev, messages, state, retryAt } = data;
  if (says === "who") return { says };
  if (typeof term !== "string" || !isCount(count)) return undefined;
  if (says === "told") {
    if (!isPlace(prev) || !Array.isArray(messages) || !messages.every(isMessage)) return undefined;
    return { says, term, count, prev, messages };
  }
  const error = data.error === undefined ? undefined : readError(data.error);
  if (data.error !== undefined && error === undefined) return undefined;
  if (says === "over") return { says, term, count, error };
  if (says !== "here" || !isPlace(place) || !isOptional(retryAt, "number")) return undefined;
  if (state !== "connecting" && state !== "open" && state !== "waiting") return undefined;
  return { says, term, count, place, state, error, retryAt };
}

function readError(data: unknown): SseClientError | undefined {
  if (!isRecord(data)) return undefined;
  const { code, message, status, body, retryAfter } = data;
  const isKnown = SSE_CLIENT_ERROR_CODES.some((known) => known === code);
  if (!isKnown || typeof message !== "string" || !isOptional(status, "number")) return undefined;
  if (!isOptional(body, "string") || !isOptional(retryAfter, "number")) return undefined;
  return new SseClientError(code as SseClientErrorCode, message, { status, body, retryAfter });
}

function isMessage(value: unknown): value is Message {
  return (
    isRecord(value) &&
    typeof value.data === "string" &&
    isOptional(value.event, "string") &&
    isOptional(value.id, "string")
  );
}

function isPlace(value: unknown): value is Place {
  return isRecord(value) && typeof value.id === "string" && isCount(value.since);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

interface Types {
  readonly number: number;
  readonly string: string;
}

function isOptional<T extends keyof Types>(value: unknown, type: T): value is Types[T] | undefined {
  return value === undefined || typeof value === type;
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null;
}
