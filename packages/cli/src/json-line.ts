import { isJson } from "./body.js";
import type { TextEvent } from "./event-text.js";
import { harmless } from "./harmless.js";
import { compactJson } from "./json-text.js";

/**
 * An event as a line of JSON: `{"event","id","data","time"}`. Data that is JSON stands there as it came, with all the
 * digits of its numbers; other data is a string. The id is null where there is none.
 *
 * @param at - when it came, in milliseconds since 1970
 */
export function jsonLine({ event, id, data }: TextEvent, at: number): string {
  const value = isJson(data) ? compactJson(data) : JSON.stringify(data);
  const parts = [
    `"event":${JSON.stringify(event)}`,
    `"id":${JSON.stringify(id ?? null)}`,
    `"data":${value}`,
    `"time":"${new Date(at).toISOString()}"`,
  ];
  return harmless(`{${parts.join()}}`);
}
