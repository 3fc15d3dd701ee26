import { SluiceError } from "../errors.js";
import { observableOf } from "../stream/observable.js";
import { PushIterator } from "../stream/push-iterator.js";
import { ATTACH, type PushSource } from "../stream/push-source.js";
import type { Verb } from "./context.js";

/** Hands on what a handler of a verb returned, if it can be an answer. */
export type CheckAnswer = (value: unknown) => unknown;

/**
 * Refuses a source of events as the answer of a route that does not stream: frameworks would write it
 * as an empty object. The streams of Node and of the web are answers.
 *
 * @param name - the handler's
 * @returns a check that throws SluiceError `ERR_SOURCE`
 */
export function checkAnswer(name: string, verb: Verb): CheckAnswer {
  return (value) => {
    if (typeof value !== "object" || value === null || !isEventSource(value)) return value;
    if (ATTACH in value) free(value as PushSource);
    const method = verb === "PUT" ? verb : "POST";
    const remedy = verb === "GET" ? "@Sse(path)" : `@Sse(path, { method: "${method}" })`;
    throw new SluiceError(
      "ERR_SOURCE",
      `${name} returned a source of events, which can't answer a plain ${verb}. Make the route ${remedy} to stream it.`,
    );
  };
}

function isEventSource(value: object): boolean {
  if (ATTACH in value) return true;
  if (Symbol.asyncIterator in value) return !("pipe" in value || "getReader" in value);
  return observableOf(value) !== undefined;
}

/** Closes it, so that what the handler has begun for it comes to its end. */
function free(source: PushSource): void {
  try {
    void new PushIterator(source).return();
  } catch {
    // It has failed already, or serves another connection: then it is not ours to close.
  }
}
