import { type EventPart, isExpected, partOf, showExpected } from "./expected-event.js";
import { ReceivedEvent, showEvent } from "./received-event.js";
import { SseTestClient } from "./test-client.js";

/** What may be expected of a received event, by its type. */
export type ExpectedOf<T> =
  T extends ReceivedEvent<infer N, infer D>
    ? N | EventPart<N, D>
    : string | EventPart<string, unknown>;

/** What {@link matchers} add to what `expect(received)` returns. */
export interface SluiceMatchers<R, T> {
  /** The event has this name, or these parts: `{ event: "tick", json: { n: 3 } }`. */
  toBeEvent(expected: ExpectedOf<T>): R;
  /** The stream told that it is complete, by an event that the test has taken. */
  toHaveCompleted(): R;
}

/** What a matcher returns. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * Matchers for `expect.extend` of Vitest and Jest. They look at what is there; what waits is
 * `expectEvent` and `expectEnd`.
 */
export const matchers = {
  toBeEvent(received: unknown, expected: string | EventPart<string, unknown>): MatcherResult {
    const event = require(ReceivedEvent, received, "toBeEvent", "an event that a client received");
    const part = partOf(expected);
    const pass = isExpected(event, part);
    return {
      pass,
      message: () =>
        `Expected ${pass ? "another event than" : "event"}: ${showExpected(part)}\nReceived event: ${showEvent(event)}`,
    };
  },

  toHaveCompleted(received: unknown): MatcherResult {
    const client = require(SseTestClient, received, "toHaveCompleted", "a client of testSse");
    const pass = client.isComplete;
    const last = client.lastEventId ?? "none";
    return {
      pass,
      message: () =>
        `Expected the stream ${pass ? "not " : ""}to have told that it is complete. The last id that was taken: ${last}`,
    };
  },
};

function require<T>(
  type: abstract new (...args: never[]) => T,
  value: unknown,
  matcher: string,
  wanted: string,
): T {
  if (value instanceof type) return value;
  throw new TypeError(`${matcher} is for ${wanted}; a promise of one has to be awaited.`);
}
