import { inspect } from "node:util";
import type { EventMap } from "@sluice/core";
import type { EventName, EventOf, ReceivedEvent } from "./received-event.js";

/** Stands for values that it accepts, as `expect.any(Number)` of Vitest and Jest does. */
export interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): boolean;
}

/** What a value must have: objects may leave members out, arrays no element. */
export type Part<T> =
  | AsymmetricMatcher
  | (unknown extends T
      ? unknown
      : T extends readonly unknown[]
        ? { readonly [K in keyof T]: Part<T[K]> }
        : T extends object
          ? { readonly [K in keyof T]?: Part<T[K]> }
          : T);

/** Members of an event, as {@link ReceivedEvent} has them. What is left out may be anything. */
export interface EventPart<N extends string, D> {
  readonly event?: N;
  readonly id?: string | AsymmetricMatcher | undefined;
  /** The data as text. */
  readonly data?: string | AsymmetricMatcher;
  /** The data as the server sent it. */
  readonly json?: Part<D>;
}

/** The event that a test expects: its name, or any part of it. */
export type ExpectedEvent<M extends EventMap = EventMap, N extends string = EventName<M>> =
  | N
  | EventPart<N, EventOf<M, N>["json"]>;

/** An expected event as a part. */
export function partOf(expected: ExpectedEvent): EventPart<string, unknown> {
  return typeof expected === "string" ? { event: expected } : expected;
}

/** Whether an event has everything that is expected of it. */
export function isExpected(event: ReceivedEvent, expected: EventPart<string, unknown>): boolean {
  return namesOf(expected).every((name) => hasPart(event[name], expected[name]));
}

/**
 * What an event has in place of what is expected: only that, and as it is expected where it is so, so
 * that a comparison of the two shows what is wrong and nothing else.
 */
export function counterpart(
  event: ReceivedEvent,
  expected: EventPart<string, unknown>,
): EventPart<string, unknown> {
  return Object.fromEntries(
    namesOf(expected).map((name) => [name, inPlaceOf(expected[name], event[name])]),
  );
}

/** An expected event in a message. */
export function showExpected(expected: EventPart<string, unknown>): string {
  return inspect(shown(expected), { depth: 10, breakLength: Infinity });
}

const MEMBERS = ["event", "id", "data", "json"] as const;

function namesOf(expected: EventPart<string, unknown>): (typeof MEMBERS)[number][] {
  return MEMBERS.filter((name) => Object.hasOwn(expected, name));
}

function hasPart(value: unknown, part: unknown): boolean {
  if (isAsymmetric(part)) return part.asymmetricMatch(value);
  if (typeof part !== "object" || part === null) return Object.is(value, part);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(part) !== Array.isArray(value)) return false;
  if (Array.isArray(part) && part.length !== (value as unknown[]).length) return false;
  return Object.entries(part).every(([key, member]) =>
    hasPart((value as Record<string, unknown>)[key], member),
  );
}

function inPlaceOf(part: unknown, value: unknown): unknown {
  if (hasPart(value, part)) return part;
  if (!isPlain(part) || !isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(part)
      .filter(([key]) => Object.hasOwn(value, key))
      .map(([key, member]) => [key, inPlaceOf(member, value[key])]),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !isAsymmetric(value)
  );
}

function isAsymmetric(value: unknown): value is AsymmetricMatcher {
  return (
    typeof value === "object" &&
    value !== null &&
    "asymmetricMatch" in value &&
    typeof value.asymmetricMatch === "function"
  );
}

/** A copy in which a matcher shows itself as it was written. */
function shown(value: unknown): unknown {
  if (isAsymmetric(value)) return { [inspect.custom]: () => nameOf(value) };
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shown(member)]));
}

function nameOf(matcher: AsymmetricMatcher & { toAsymmetricMatcher?: unknown }): string {
  const { toAsymmetricMatcher } = matcher;
  return typeof toAsymmetricMatcher === "function"
    ? String(toAsymmetricMatcher.call(matcher))
    : inspect(matcher);
}
