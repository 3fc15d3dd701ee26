import { AssertionError } from "node:assert";
import type { EventMap, Outcome } from "@sluice/core";
import {
  counterpart,
  type EventPart,
  type ExpectedEvent,
  isExpected,
  partOf,
  showExpected,
} from "./expected-event.js";
import { type EventName, type EventOf, type ReceivedEvent, showEvent } from "./received-event.js";
import { type Search, SEARCH, type SseTestClient } from "./test-client.js";

/** How many of the events that came instead a message shows. */
const SHOWN = 20;

export interface ExpectOptions {
  /**
   * How long it may take in all, in milliseconds of the real clock.
   * @defaultValue the client's `timeout`, 3,000
   */
  readonly timeout?: number;
}

export interface ExpectEndOptions extends ExpectOptions {
  /**
   * How the stream must have ended: its source returned, or threw an error that is final.
   * @defaultValue `"done"`
   */
  readonly outcome?: Outcome;
}

/**
 * Takes events until one is as expected, and resolves with it. Those before it are passed over.
 *
 * @param expected - the event's name, or any part of it: `{ event: "tick", json: { n: 3 } }`. An object
 * in `json` may leave members out; `expect.any(Number)` and the like stand for what they accept
 * @throws AssertionError when none comes in time, or before the stream ends; the message shows what
 * came instead
 * @throws SseTestError `ERR_NOT_A_STREAM` when the answer is no event stream
 */
export async function expectEvent<M extends EventMap, N extends EventName<M> = EventName<M>>(
  client: SseTestClient<M>,
  expected: ExpectedEvent<M, N>,
  options: ExpectOptions = {},
): Promise<EventOf<M, N>> {
  const part = partOf(expected as ExpectedEvent);
  const search = await client[SEARCH]((event) => isExpected(event, part), options.timeout);
  if (search.found !== undefined) return search.found as EventOf<M, N>;
  const what = `No event ${showExpected(part)} came ${search.when}.`;
  throw unmet(expectEvent, `${what} ${instead(search)}`, part, closest(search.passed, part));
}

/**
 * Waits for the end of a stream that completes, and resolves with the event that tells it. Nothing may
 * come before it.
 *
 * @throws AssertionError when another event comes, when the stream ends without telling that it is
 * complete, so that a browser would come back, and when time is up
 * @throws SseTestError `ERR_NOT_A_STREAM` when the answer is no event stream
 */
export async function expectEnd<M extends EventMap>(
  client: SseTestClient<M>,
  options: ExpectEndOptions = {},
): Promise<EventOf<EventMap, "sluice.end">> {
  const { outcome = "done", timeout } = options;
  const part = { event: "sluice.end", json: { outcome } };
  const search = await client[SEARCH](() => true, timeout);
  const { found } = search;
  if (found === undefined) {
    const message = `The stream did not tell that it is complete ${search.when}.`;
    throw unmet(expectEnd, `${message} ${search.received}`, part, undefined);
  }
  if (isExpected(found, part)) return found as EventOf<EventMap, "sluice.end">;
  const message = `The next event is not the end (${outcome}) but ${showEvent(found)}.`;
  throw unmet(expectEnd, message, part, found);
}

/**
 * The error of an expectation; every runner shows how the two differ.
 *
 * @param stackStartFn - what the test called, so that the stack begins in the test
 */
function unmet(
  stackStartFn: (...args: never[]) => unknown,
  message: string,
  expected: EventPart<string, unknown>,
  found: ReceivedEvent | undefined,
): AssertionError {
  const actual = found && counterpart(found, expected);
  return new AssertionError({ message, actual, expected, stackStartFn });
}

function instead({ passed, received }: Search): string {
  if (passed.length === 0) return `No other came. ${received}`;
  const lines = passed.slice(-SHOWN).map((event) => `\n  ${showEvent(event)}`);
  const left = passed.length - lines.length;
  return `Instead came${left > 0 ? `, after ${left} others` : ""}:${lines.join("")}`;
}

/** What is most likely to be compared: the last event of the name, else the last. */
function closest(
  passed: readonly ReceivedEvent[],
  { event }: EventPart<string, unknown>,
): ReceivedEvent | undefined {
  return passed.findLast((each) => each.event === event) ?? passed.at(-1);
}
